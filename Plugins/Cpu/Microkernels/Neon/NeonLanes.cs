using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Neon;

/// <summary>
/// One lane of vectors of inputs, one vector a row, by which weights are multiplied. A lane is a type, since instructions have its number in them: 32 bits for dot products and floats, 16 bits for
/// widened inputs.
/// </summary>
internal interface INeonLane
{
    /// <summary>Adds to each row's sums the dot products of four of its inputs and the weights of four columns.</summary>
    static abstract void AddDots<TRows>(Vector128<sbyte> weights, Vector128<sbyte> x0, Vector128<sbyte> x1, Vector128<sbyte> x2, Vector128<sbyte> x3, ref Vector128<int> c0, ref Vector128<int> c1, ref Vector128<int> c2, ref Vector128<int> c3)
        where TRows : struct, ICount;

    /// <summary>Adds to each row's sums the products of one of its inputs and the weights of four columns, rounded once.</summary>
    static abstract void AddProducts<TRows>(Vector128<float> weights, Vector128<float> x0, Vector128<float> x1, Vector128<float> x2, Vector128<float> x3, Vector128<float> x4, Vector128<float> x5, ref Vector128<float> c0, ref Vector128<float> c1, ref Vector128<float> c2, ref Vector128<float> c3, ref Vector128<float> c4, ref Vector128<float> c5)
        where TRows : struct, ICount;

    /// <summary>Adds to the sums of a row the products of one of its inputs and the weights of 16 columns.</summary>
    static abstract void AddWidened<TVectors>(Vector64<short> x, Vector128<short> weights01, Vector128<short> weights23, ref Vector128<int> c0, ref Vector128<int> c1, ref Vector128<int> c2, ref Vector128<int> c3)
        where TVectors : struct, ICount;
}

/// <summary>Lane 0.</summary>
internal readonly struct Lane0 : INeonLane
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddDots<TRows>(Vector128<sbyte> weights, Vector128<sbyte> x0, Vector128<sbyte> x1, Vector128<sbyte> x2, Vector128<sbyte> x3, ref Vector128<int> c0, ref Vector128<int> c1, ref Vector128<int> c2, ref Vector128<int> c3)
        where TRows : struct, ICount
    {
        c0 = Dp.DotProductBySelectedQuadruplet(c0, weights, x0, 0);
        if (TRows.Value > 1)
            c1 = Dp.DotProductBySelectedQuadruplet(c1, weights, x1, 0);
        if (TRows.Value > 2)
            c2 = Dp.DotProductBySelectedQuadruplet(c2, weights, x2, 0);
        if (TRows.Value > 3)
            c3 = Dp.DotProductBySelectedQuadruplet(c3, weights, x3, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProducts<TRows>(Vector128<float> weights, Vector128<float> x0, Vector128<float> x1, Vector128<float> x2, Vector128<float> x3, Vector128<float> x4, Vector128<float> x5, ref Vector128<float> c0, ref Vector128<float> c1, ref Vector128<float> c2, ref Vector128<float> c3, ref Vector128<float> c4, ref Vector128<float> c5)
        where TRows : struct, ICount
    {
        c0 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c0, weights, x0, 0);
        if (TRows.Value > 1)
            c1 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c1, weights, x1, 0);
        if (TRows.Value > 2)
            c2 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c2, weights, x2, 0);
        if (TRows.Value > 3)
            c3 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c3, weights, x3, 0);
        if (TRows.Value > 4)
            c4 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c4, weights, x4, 0);
        if (TRows.Value > 5)
            c5 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c5, weights, x5, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddWidened<TVectors>(Vector64<short> x, Vector128<short> weights01, Vector128<short> weights23, ref Vector128<int> c0, ref Vector128<int> c1, ref Vector128<int> c2, ref Vector128<int> c3)
        where TVectors : struct, ICount
    {
        c0 = AdvSimd.MultiplyBySelectedScalarWideningLowerAndAdd(c0, weights01.GetLower(), x, 0);
        if (TVectors.Value > 1)
            c1 = AdvSimd.MultiplyBySelectedScalarWideningUpperAndAdd(c1, weights01, x, 0);
        if (TVectors.Value > 2)
            c2 = AdvSimd.MultiplyBySelectedScalarWideningLowerAndAdd(c2, weights23.GetLower(), x, 0);
        if (TVectors.Value > 3)
            c3 = AdvSimd.MultiplyBySelectedScalarWideningUpperAndAdd(c3, weights23, x, 0);
    }
}

/// <summary>Lane 1.</summary>
internal readonly struct Lane1 : INeonLane
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddDots<TRows>(Vector128<sbyte> weights, Vector128<sbyte> x0, Vector128<sbyte> x1, Vector128<sbyte> x2, Vector128<sbyte> x3, ref Vector128<int> c0, ref Vector128<int> c1, ref Vector128<int> c2, ref Vector128<int> c3)
        where TRows : struct, ICount
    {
        c0 = Dp.DotProductBySelectedQuadruplet(c0, weights, x0, 1);
        if (TRows.Value > 1)
            c1 = Dp.DotProductBySelectedQuadruplet(c1, weights, x1, 1);
        if (TRows.Value > 2)
            c2 = Dp.DotProductBySelectedQuadruplet(c2, weights, x2, 1);
        if (TRows.Value > 3)
            c3 = Dp.DotProductBySelectedQuadruplet(c3, weights, x3, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProducts<TRows>(Vector128<float> weights, Vector128<float> x0, Vector128<float> x1, Vector128<float> x2, Vector128<float> x3, Vector128<float> x4, Vector128<float> x5, ref Vector128<float> c0, ref Vector128<float> c1, ref Vector128<float> c2, ref Vector128<float> c3, ref Vector128<float> c4, ref Vector128<float> c5)
        where TRows : struct, ICount
    {
        c0 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c0, weights, x0, 1);
        if (TRows.Value > 1)
            c1 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c1, weights, x1, 1);
        if (TRows.Value > 2)
            c2 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c2, weights, x2, 1);
        if (TRows.Value > 3)
            c3 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c3, weights, x3, 1);
        if (TRows.Value > 4)
            c4 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c4, weights, x4, 1);
        if (TRows.Value > 5)
            c5 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c5, weights, x5, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddWidened<TVectors>(Vector64<short> x, Vector128<short> weights01, Vector128<short> weights23, ref Vector128<int> c0, ref Vector128<int> c1, ref Vector128<int> c2, ref Vector128<int> c3)
        where TVectors : struct, ICount
    {
        c0 = AdvSimd.MultiplyBySelectedScalarWideningLowerAndAdd(c0, weights01.GetLower(), x, 1);
        if (TVectors.Value > 1)
            c1 = AdvSimd.MultiplyBySelectedScalarWideningUpperAndAdd(c1, weights01, x, 1);
        if (TVectors.Value > 2)
            c2 = AdvSimd.MultiplyBySelectedScalarWideningLowerAndAdd(c2, weights23.GetLower(), x, 1);
        if (TVectors.Value > 3)
            c3 = AdvSimd.MultiplyBySelectedScalarWideningUpperAndAdd(c3, weights23, x, 1);
    }
}

/// <summary>Lane 2.</summary>
internal readonly struct Lane2 : INeonLane
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddDots<TRows>(Vector128<sbyte> weights, Vector128<sbyte> x0, Vector128<sbyte> x1, Vector128<sbyte> x2, Vector128<sbyte> x3, ref Vector128<int> c0, ref Vector128<int> c1, ref Vector128<int> c2, ref Vector128<int> c3)
        where TRows : struct, ICount
    {
        c0 = Dp.DotProductBySelectedQuadruplet(c0, weights, x0, 2);
        if (TRows.Value > 1)
            c1 = Dp.DotProductBySelectedQuadruplet(c1, weights, x1, 2);
        if (TRows.Value > 2)
            c2 = Dp.DotProductBySelectedQuadruplet(c2, weights, x2, 2);
        if (TRows.Value > 3)
            c3 = Dp.DotProductBySelectedQuadruplet(c3, weights, x3, 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProducts<TRows>(Vector128<float> weights, Vector128<float> x0, Vector128<float> x1, Vector128<float> x2, Vector128<float> x3, Vector128<float> x4, Vector128<float> x5, ref Vector128<float> c0, ref Vector128<float> c1, ref Vector128<float> c2, ref Vector128<float> c3, ref Vector128<float> c4, ref Vector128<float> c5)
        where TRows : struct, ICount
    {
        c0 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c0, weights, x0, 2);
        if (TRows.Value > 1)
            c1 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c1, weights, x1, 2);
        if (TRows.Value > 2)
            c2 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c2, weights, x2, 2);
        if (TRows.Value > 3)
            c3 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c3, weights, x3, 2);
        if (TRows.Value > 4)
            c4 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c4, weights, x4, 2);
        if (TRows.Value > 5)
            c5 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c5, weights, x5, 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddWidened<TVectors>(Vector64<short> x, Vector128<short> weights01, Vector128<short> weights23, ref Vector128<int> c0, ref Vector128<int> c1, ref Vector128<int> c2, ref Vector128<int> c3)
        where TVectors : struct, ICount
    {
        c0 = AdvSimd.MultiplyBySelectedScalarWideningLowerAndAdd(c0, weights01.GetLower(), x, 2);
        if (TVectors.Value > 1)
            c1 = AdvSimd.MultiplyBySelectedScalarWideningUpperAndAdd(c1, weights01, x, 2);
        if (TVectors.Value > 2)
            c2 = AdvSimd.MultiplyBySelectedScalarWideningLowerAndAdd(c2, weights23.GetLower(), x, 2);
        if (TVectors.Value > 3)
            c3 = AdvSimd.MultiplyBySelectedScalarWideningUpperAndAdd(c3, weights23, x, 2);
    }
}

/// <summary>Lane 3.</summary>
internal readonly struct Lane3 : INeonLane
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddDots<TRows>(Vector128<sbyte> weights, Vector128<sbyte> x0, Vector128<sbyte> x1, Vector128<sbyte> x2, Vector128<sbyte> x3, ref Vector128<int> c0, ref Vector128<int> c1, ref Vector128<int> c2, ref Vector128<int> c3)
        where TRows : struct, ICount
    {
        c0 = Dp.DotProductBySelectedQuadruplet(c0, weights, x0, 3);
        if (TRows.Value > 1)
            c1 = Dp.DotProductBySelectedQuadruplet(c1, weights, x1, 3);
        if (TRows.Value > 2)
            c2 = Dp.DotProductBySelectedQuadruplet(c2, weights, x2, 3);
        if (TRows.Value > 3)
            c3 = Dp.DotProductBySelectedQuadruplet(c3, weights, x3, 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProducts<TRows>(Vector128<float> weights, Vector128<float> x0, Vector128<float> x1, Vector128<float> x2, Vector128<float> x3, Vector128<float> x4, Vector128<float> x5, ref Vector128<float> c0, ref Vector128<float> c1, ref Vector128<float> c2, ref Vector128<float> c3, ref Vector128<float> c4, ref Vector128<float> c5)
        where TRows : struct, ICount
    {
        c0 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c0, weights, x0, 3);
        if (TRows.Value > 1)
            c1 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c1, weights, x1, 3);
        if (TRows.Value > 2)
            c2 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c2, weights, x2, 3);
        if (TRows.Value > 3)
            c3 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c3, weights, x3, 3);
        if (TRows.Value > 4)
            c4 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c4, weights, x4, 3);
        if (TRows.Value > 5)
            c5 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c5, weights, x5, 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddWidened<TVectors>(Vector64<short> x, Vector128<short> weights01, Vector128<short> weights23, ref Vector128<int> c0, ref Vector128<int> c1, ref Vector128<int> c2, ref Vector128<int> c3)
        where TVectors : struct, ICount
    {
        c0 = AdvSimd.MultiplyBySelectedScalarWideningLowerAndAdd(c0, weights01.GetLower(), x, 3);
        if (TVectors.Value > 1)
            c1 = AdvSimd.MultiplyBySelectedScalarWideningUpperAndAdd(c1, weights01, x, 3);
        if (TVectors.Value > 2)
            c2 = AdvSimd.MultiplyBySelectedScalarWideningLowerAndAdd(c2, weights23.GetLower(), x, 3);
        if (TVectors.Value > 3)
            c3 = AdvSimd.MultiplyBySelectedScalarWideningUpperAndAdd(c3, weights23, x, 3);
    }
}
