using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.Strassen;

/// <summary>
/// A float product with packed weights by Strassen's way in Winograd's form: output = clamp(input · weights + bias + residual), both matrices cut into quarters, of which 7 products replace 8. The quarters of the input are
/// its rows of even and of odd number, so that results do not depend on how rows are cut into blocks.
/// </summary>
internal sealed unsafe class StrassenGemm
{
    /// <summary>Columns of a product are a multiple of these: both halves are whole panels of every instruction set.</summary>
    public const int ColumnMultiple = 128;

    private const int BlockBytes = 400 << 10;
    private const int FewestPairs = 48;
    private const int InputSums = 4;
    private const int WeightSums = 3;
    private const int Products = 3;
    private const int MaxMr = 6;

    [ThreadStatic]
    private static AlignedMemory? scratch;

    private readonly F32GemmKernels tiles;
    private readonly FloatVectors vectors;
    private readonly StrassenWeights weights;
    private readonly int pairs;
    private readonly int pairsAtOnce;
    private readonly int half;
    private readonly int nr;

    /// <param name="tiles">The kernels of products.</param>
    /// <param name="vectors">The kernels of sums.</param>
    /// <param name="weights">Packed for these kernels.</param>
    /// <param name="pairs">Pairs of rows of the input.</param>
    /// <param name="threads">Threads that will share the blocks.</param>
    public StrassenGemm(F32GemmKernels tiles, FloatVectors vectors, StrassenWeights weights, int pairs, int threads)
    {
        this.tiles = tiles;
        this.vectors = vectors;
        this.weights = weights;
        this.pairs = pairs;
        half = weights.B11.Depth;
        nr = tiles.Contract.Nr;
        pairsAtOnce = AtOnce(threads);
    }

    /// <summary>Number of blocks, which may run at the same time.</summary>
    public int Blocks => (pairs + pairsAtOnce - 1) / pairsAtOnce;

    /// <summary>False where weights are such that outputs may not be near those of the direct product.</summary>
    public bool AreWeightsSuited => weights.AreSuited;

    private int Depth => 2 * half;

    private int Columns => 2 * weights.B11.Columns;

    private nint PanelFloats => (nint)(1 + half) * nr;

    /// <summary>Computes one block.</summary>
    /// <param name="input">First element of the rows, which are side by side.</param>
    /// <param name="output">First element of the rows.</param>
    /// <param name="residual">Of the output's shape, added before clamping; or null. It is not the output.</param>
    /// <param name="low">Smallest output.</param>
    /// <param name="high">Largest output.</param>
    /// <param name="block">Number of the block.</param>
    /// <returns>False where an input is so large, or not a number, that the output may not be that of the direct product.</returns>
    public bool Run(float* input, float* output, float* residual, float low, float high, int block)
    {
        float* check = stackalloc float[FloatVectors.MaxLanes];
        new Span<float>(check, FloatVectors.MaxLanes).Clear();
        int first = block * pairsAtOnce;
        int count = Math.Min(pairsAtOnce, pairs - first);
        nint row = 2 * (nint)first;
        float* sums = Scratch();
        float* panels = sums + ((nint)InputSums * pairsAtOnce * half);
        var part = new Part(count, input + (row * Depth), sums, panels, panels + (WeightSums * PanelFloats));
        SumInput(part, check);
        for (int panel = 0; panel < weights.B11.Count; panel++)
        {
            SumWeights(panel, panels);
            nint at = (row * Columns) + (panel * nr);
            Multiply(part, panel, output + at, residual == null ? null : residual + at, low, high);
        }
        return AreZeros(check);
    }

    private static bool AreZeros(float* check)
    {
        float sum = 0;
        for (int i = 0; i < FloatVectors.MaxLanes; i++)
            sum += check[i];
        return sum == 0;
    }

    private void SumInput(in Part part, float* check)
    {
        StrassenInput rows = new() { MatrixStride = (nint)part.Count * half, Check = check };
        for (int i = 0; i < part.Count; i++)
        {
            rows.A11 = part.Input + (2 * (nint)i * Depth);
            rows.A12 = rows.A11 + half;
            rows.A21 = rows.A12 + half;
            rows.A22 = rows.A21 + half;
            rows.Output = part.Sums + ((nint)i * half);
            rows.Columns = half;
            vectors.StrassenInput(&rows);
        }
    }

    /// <summary>The sums of a panel of weights; their products start at zero.</summary>
    private void SumWeights(int panel, float* sums)
    {
        for (int i = 0; i < WeightSums; i++)
            new Span<float>(sums + (i * PanelFloats), nr).Clear();
        StrassenPanel work = new()
        {
            B11 = weights.B11.Panel(panel) + nr,
            B21 = weights.B21.Panel(panel) + nr,
            B22 = weights.B22.Panel(panel) + nr,
            T1 = weights.T1.Panel(panel) + nr,
            Output = sums + nr,
            MatrixStride = PanelFloats,
            Count = (nint)half * nr,
        };
        vectors.StrassenPanel(&work);
    }

    /// <summary>The seven products of some rows and a panel, and the quarters of the output that they add up to: c₁₁ = u₁ + p₂, c₁₂ = u₄ + p₃, c₂₁ = u₃ + p₄, c₂₂ = p₇ + u₄ with u₁ = p₁, u₂ = u₁ + p₆, u₃ = p₇ + u₂, u₄ = u₂ + p₅.</summary>
    private void Multiply(in Part part, int panel, float* output, float* residual, float low, float high)
    {
        int count = part.Count;
        nint right = Columns / 2;
        float* t2 = part.Panels;
        float* t3 = t2 + PanelFloats;
        float* t4 = t3 + PanelFloats;
        Rows u = part.Product(0, nr);
        Rows v = part.Product(1, nr);
        Rows w = part.Product(2, nr);
        Multiply(new(part.Input, 2 * Depth), weights.B11.Panel(panel), default, u, count);
        Rows start = u;
        if (residual != null)
            Add(u, Quarter(residual, 0), default, start = w, count);
        Multiply(new(part.Input + half, 2 * Depth), weights.B21.Panel(panel), start, Quarter(output, 0), count, low, high);
        Multiply(part.Sum(1, half), t2, u, u, count);
        Multiply(part.Sum(0, half), weights.T1.Panel(panel), u, v, count, next: weights.B11.Panel(panel + 1));
        Multiply(part.Sum(2, half), t3, default, w, count, next: weights.B21.Panel(panel + 1));
        Add(w, v, Quarter(residual, Columns + right), Quarter(output, Columns + right), count, low, high);
        Add(w, u, Quarter(residual, Columns), w, count);
        if (residual != null)
            Add(v, Quarter(residual, right), default, v, count);
        Multiply(part.Sum(3, half), weights.B22.Panel(panel), v, Quarter(output, right), count, low, high, weights.B22.Panel(panel + 1));
        Multiply(new(part.Input + Depth + half, 2 * Depth), t4, w, Quarter(output, Columns), count, low, high, weights.T1.Panel(panel + 1));
    }

    /// <summary>The rows of a quarter of a matrix of the output's shape, or none.</summary>
    private Rows Quarter(float* matrix, nint first) => matrix == null ? default : new(matrix + first, 2 * Columns);

    /// <summary>rows · panel + start, clamped; meanwhile fetches the panel that is needed next.</summary>
    private void Multiply(Rows rows, float* panel, Rows start, Rows output, int count, float low = float.NegativeInfinity, float high = float.PositiveInfinity, float* next = null)
    {
        int* offsets = stackalloc int[MaxMr];
        for (int r = 0; r < MaxMr; r++)
            offsets[r] = checked((int)(r * rows.Stride * sizeof(float)));
        int mr = tiles.Contract.Mr;
        nint nextStep = next == null ? 0 : nr * sizeof(float) / ((count + mr - 1) / mr);
        F32GemmTile tile = new() { Rows = offsets, Taps = 1, Depth = half, Weights = panel, Next = (byte*)(next == null ? panel : next), NextStep = nextStep, ResidualStride = start.Stride, OutputStride = output.Stride, Low = low, High = high };
        for (int row = 0; row < count; row += mr, tile.Next += nextStep * half)
        {
            tile.Base = (byte*)(rows.First + (row * rows.Stride));
            tile.Residual = start.First == null ? null : start.First + (row * start.Stride);
            tile.Output = output.First + (row * output.Stride);
            tiles.Run(&tile, Math.Min(mr, count - row), nr / tiles.Lanes);
        }
    }

    /// <summary>left + right + residual, clamped.</summary>
    private void Add(Rows left, Rows right, Rows residual, Rows output, int count, float low = float.NegativeInfinity, float high = float.PositiveInfinity)
    {
        AddRows rows = new()
        {
            Left = left.First,
            LeftStride = left.Stride,
            Right = right.First,
            RightStride = right.Stride,
            Residual = residual.First,
            ResidualStride = residual.Stride,
            Output = output.First,
            OutputStride = output.Stride,
            Rows = count,
            Columns = nr,
            Low = low,
            High = high,
        };
        vectors.AddRows(&rows);
    }

    /// <summary>Pairs of a block: as many as the cache holds the sums of, in blocks of about one size, a multiple of the threads.</summary>
    private int AtOnce(int threads)
    {
        long most = Math.Max(FewestPairs, BlockBytes / (sizeof(float) * (long)InputSums * half));
        long blocks = (pairs + most - 1) / most;
        blocks = Math.Min(pairs, (blocks + threads - 1) / threads * threads);
        return (int)((pairs + blocks - 1) / blocks);
    }

    private float* Scratch()
    {
        long floats = ((long)InputSums * pairsAtOnce * half) + (WeightSums * (long)PanelFloats) + ((long)Products * pairsAtOnce * nr);
        if (scratch is null || scratch.Length < floats * sizeof(float))
            scratch = new(floats * sizeof(float));
        return (float*)scratch.Pointer;
    }

    /// <summary>Pairs of rows of the input, and the memory for sums of rows, sums of weights, products.</summary>
    private readonly struct Part(int count, float* input, float* sums, float* panels, float* products)
    {
        public readonly int Count = count;
        public readonly float* Input = input;
        public readonly float* Sums = sums;
        public readonly float* Panels = panels;

        public Rows Sum(int number, int columns) => new(Sums + ((nint)number * Count * columns), columns);

        public Rows Product(int number, int columns) => new(products + ((nint)number * Count * columns), columns);
    }

    /// <summary>Rows of a matrix.</summary>
    private readonly struct Rows(float* first, nint stride)
    {
        public readonly float* First = first;
        public readonly nint Stride = stride;
    }
}
