using System.Numerics;
using System.Runtime.CompilerServices;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>z = f(x, y) with broadcasting over floats, a row at a time by vectors; denormals as zero before and after it.</summary>
internal static class FloatRows
{
    public static void Map<TFunction>(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> z, Broadcast broadcast)
        where TFunction : struct, IBinaryFunction
    {
        BroadcastRows rows = broadcast.Rows;
        IndexPairs pair = rows.Pairs;
        for (int at = 0; at < z.Length; at += rows.Length, pair.Next())
        {
            ReadOnlySpan<float> x = left.Slice(pair.Left, rows.LeftVaries ? rows.Length : 1);
            ReadOnlySpan<float> y = right.Slice(pair.Right, rows.RightVaries ? rows.Length : 1);
            Row<TFunction>(x, y, z.Slice(at, rows.Length));
        }
    }

    /// <summary>One row; an operand of one element counts for all.</summary>
    private static void Row<TFunction>(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> z)
        where TFunction : struct, IBinaryFunction
    {
        int xStep = x.Length == 1 ? 0 : 1;
        int yStep = y.Length == 1 ? 0 : 1;
        int i = 0;
        if (z.Length >= Vector<float>.Count)
        {
            Vector<float> left = new(x[0]);
            Vector<float> right = new(y[0]);
            for (; i + Vector<float>.Count <= z.Length; i += Vector<float>.Count)
            {
                if (xStep == 1)
                    left = new(x[i..]);
                if (yStep == 1)
                    right = new(y[i..]);
                Flush(TFunction.ApplyVector(Flush(left), Flush(right))).CopyTo(z[i..]);
            }
        }
        for (; i < z.Length; i++)
            z[i] = Denormals.Flush(TFunction.Apply(Denormals.Flush(x[i * xStep]), Denormals.Flush(y[i * yStep])));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Flush(Vector<float> values) =>
        Vector.ConditionalSelect(Vector.LessThan(Vector.Abs(values), new Vector<float>(Denormals.SmallestNormal)), values & new Vector<float>(-0f), values);
}
