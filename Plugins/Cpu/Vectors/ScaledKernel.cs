using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Gemm;

namespace TransformFramework.Cpu.Vectors;

/// <summary>Numbers to 8-bit codes by QuantizeV2's mode SCALED: a number is held within the range, multiplied, and rounded, ties to even or away from zero.</summary>
internal readonly record struct CodeScaling(float Factor, float Least, float Greatest, bool RoundsToEven);

/// <summary>What a code counts, and whether codes have a sign.</summary>
internal readonly record struct CodeStep(float Step, bool IsSigned);

/// <summary>8-bit codes that are numbers times a step.</summary>
internal unsafe struct ScaledCodesOperand
{
    public byte* Codes;

    public CodeStep Scale;
}

/// <summary>A sum of codes of two ranges as codes of a third: scaled(clamp(x · stepX + y · stepY)), each step in float.</summary>
internal unsafe struct ScaledSum : IVectorWork
{
    public ScaledCodesOperand X;

    public ScaledCodesOperand Y;

    public float Low;

    public float High;

    public CodeScaling Scaling;

    public byte* Output;

    public nint Count;

    public readonly nint Length => Count;

    public void Skip(nint count)
    {
        X.Codes += count;
        Y.Codes += count;
        Output += count;
        Count -= count;
    }
}

/// <summary>Conversions of mode SCALED.</summary>
internal static unsafe class ScaledKernel<TSet, TFloats, TConversions, TSums>
    where TSet : struct, IFloatSet<TFloats>
    where TFloats : struct
    where TConversions : struct, ICodeConversions<TSums, TFloats>
    where TSums : struct
{
    public static void Quantize(CodedNumbers<CodeScaling>* work, nint count)
    {
        CodeScaling scaling = work->Scale;
        TFloats factor = TSet.Broadcast(scaling.Factor);
        TFloats least = TSet.Broadcast(scaling.Least);
        TFloats greatest = TSet.Broadcast(scaling.Greatest);
        for (nint i = 0; i < count; i += TSet.Width)
            Store(TSet.FlushDenormals(TSet.Load(work->Numbers + i)), factor, least, greatest, scaling.RoundsToEven, work->Codes + i);
    }

    public static void Dequantize(CodedNumbers<CodeStep>* work, nint count)
    {
        ScaledCodesOperand codes = new() { Codes = work->Codes, Scale = work->Scale };
        TFloats step = TSet.Broadcast(work->Scale.Step);
        for (nint i = 0; i < count; i += TSet.Width)
            TSet.Store(TSet.FlushDenormals(Number(&codes, i, step)), work->Numbers + i);
    }

    public static void Add(ScaledSum* sum, nint count)
    {
        TFloats stepX = TSet.Broadcast(sum->X.Scale.Step);
        TFloats stepY = TSet.Broadcast(sum->Y.Scale.Step);
        TFloats low = TSet.Broadcast(sum->Low);
        TFloats high = TSet.Broadcast(sum->High);
        TFloats factor = TSet.Broadcast(sum->Scaling.Factor);
        TFloats least = TSet.Broadcast(sum->Scaling.Least);
        TFloats greatest = TSet.Broadcast(sum->Scaling.Greatest);
        for (nint i = 0; i < count; i += TSet.Width)
        {
            TFloats number = TSet.Add(Number(&sum->X, i, stepX), Number(&sum->Y, i, stepY));
            Store(TSet.AtMost(TSet.AtLeast(number, low), high), factor, least, greatest, sum->Scaling.RoundsToEven, sum->Output + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TFloats Number(ScaledCodesOperand* operand, nint i, TFloats step)
    {
        TSums codes = operand->Scale.IsSigned ? TConversions.LoadSigned((sbyte*)operand->Codes + i) : TConversions.LoadUnsigned(operand->Codes + i);
        return TSet.Multiply(TConversions.ToFloats(codes), step);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TFloats number, TFloats factor, TFloats least, TFloats greatest, bool roundsToEven, byte* target)
    {
        TFloats code = TSet.Multiply(TSet.AtLeast(TSet.AtMost(number, greatest), least), factor);
        TConversions.StoreBytes(TConversions.Round(roundsToEven ? code : TConversions.RoundAway(code)), target);
    }
}
