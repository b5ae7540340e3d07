using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels;

/// <summary>NumPy broadcasting of two shapes: dimensions are aligned at the right; 1 stretches.</summary>
internal readonly struct Broadcast
{
    private readonly long[] dimensions;
    private readonly long[] leftStrides;
    private readonly long[] rightStrides;

    private Broadcast(long[] dimensions, long[] leftStrides, long[] rightStrides)
    {
        this.dimensions = dimensions;
        this.leftStrides = leftStrides;
        this.rightStrides = rightStrides;
    }

    public TensorShape Shape => TensorShape.Of(dimensions);

    /// <summary>Indices into both inputs for each element of the result, in row-major order.</summary>
    public IndexPairs Pairs => new(dimensions, leftStrides, rightStrides);

    /// <summary>The result as rows, as long as both inputs run on or stand still within each.</summary>
    public BroadcastRows Rows
    {
        get
        {
            int outer = dimensions.Length;
            long length = 1;
            (long left, long right) = (0, 0);
            for (; outer > 0; outer--)
            {
                long dimension = dimensions[outer - 1];
                if (dimension == 1)
                    continue;
                if (length == 1)
                    (left, right) = (leftStrides[outer - 1], rightStrides[outer - 1]);
                else if (leftStrides[outer - 1] != left * length || rightStrides[outer - 1] != right * length)
                    break;
                length *= dimension;
            }
            return new(checked((int)length), left != 0, right != 0, new(dimensions[..outer], leftStrides[..outer], rightStrides[..outer]));
        }
    }

    public static Broadcast Of(TensorShape left, TensorShape right)
    {
        int rank = Math.Max(left.Rank, right.Rank);
        long[] result = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            long l = At(left, rank, i);
            long r = At(right, rank, i);
            if (l != r && l != 1 && r != 1)
                throw Refuse.Invalid($"Incompatible shapes: {left} vs. {right}");
            result[i] = l == 1 ? r : l;
        }
        return new(result, Strides(left, rank), Strides(right, rank));
    }

    /// <summary>The shape of the result as far as it is known.</summary>
    public static TensorShape Infer(TensorShape left, TensorShape right)
    {
        if (left.IsUnknownRank || right.IsUnknownRank)
            return TensorShape.Unknown;
        int rank = Math.Max(left.Rank, right.Rank);
        long[] result = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            long l = At(left, rank, i);
            long r = At(right, rank, i);
            if (l > 1 && r > 1 && l != r)
                throw Refuse.Invalid($"Dimensions must be equal, but are {l} and {r}");
            result[i] = l > 1 ? l : r > 1 ? r : l < 0 || r < 0 ? (l == 1 ? r : r == 1 ? l : -1) : Math.Min(l, r);
        }
        return TensorShape.Of(result);
    }

    private static long At(TensorShape shape, int rank, int index)
    {
        int own = index - (rank - shape.Rank);
        return own < 0 ? 1 : shape[own];
    }

    private static long[] Strides(TensorShape shape, int rank)
    {
        long[] strides = new long[rank];
        long stride = 1;
        for (int i = rank - 1; i >= 0; i--)
        {
            long dimension = At(shape, rank, i);
            strides[i] = dimension == 1 ? 0 : stride;
            stride *= dimension;
        }
        return strides;
    }
}

/// <summary>Walks a row-major result and gives the matching positions in two inputs.</summary>
internal struct IndexPairs(long[] dimensions, long[] leftStrides, long[] rightStrides)
{
    private readonly long[] index = new long[dimensions.Length];

    public int Left { get; private set; }

    public int Right { get; private set; }

    public void Next()
    {
        for (int i = dimensions.Length - 1; i >= 0; i--)
        {
            Left += (int)leftStrides[i];
            Right += (int)rightStrides[i];
            if (++index[i] < dimensions[i])
                return;
            Left -= (int)(leftStrides[i] * dimensions[i]);
            Right -= (int)(rightStrides[i] * dimensions[i]);
            index[i] = 0;
        }
    }
}

/// <summary>Rows of a broadcast result.</summary>
/// <param name="Length">Elements of a row; 0 where there are none.</param>
/// <param name="LeftVaries">True when the left input runs on within a row, false when it stands still.</param>
/// <param name="RightVaries">The same of the right input.</param>
/// <param name="Pairs">Where the rows begin in both inputs.</param>
internal readonly record struct BroadcastRows(int Length, bool LeftVaries, bool RightVaries, IndexPairs Pairs);
