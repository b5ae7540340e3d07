using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Requantize;

/// <summary>Real values to 8-bit values by QuantizeV2's mode SCALED: a real value is held within the range, multiplied, and rounded, ties to even or away from zero.</summary>
internal readonly record struct QuantizationScale(float Factor, float Least, float Greatest, bool RoundsToEven);

/// <summary>What a quantized value counts, and whether quantized values have a sign.</summary>
internal readonly record struct DequantizationScale(float Value, bool IsSigned);

/// <summary>8-bit values that are real values times a scale.</summary>
internal unsafe struct QuantizedOperand
{
    public byte* Quantized;

    public DequantizationScale Scale;
}

/// <summary>A sum of quantized values of two ranges as quantized values of a third: scaled(clamp(x · scaleX + y · scaleY)), each step in float.</summary>
internal unsafe struct QuantizedSum : IVectorWork
{
    public QuantizedOperand X;

    public QuantizedOperand Y;

    public float Low;

    public float High;

    public QuantizationScale Scaling;

    public byte* Output;

    public nint Count;

    public readonly nint Length => Count;

    public void Skip(nint count)
    {
        X.Quantized += count;
        Y.Quantized += count;
        Output += count;
        Count -= count;
    }
}

/// <summary>Conversions of mode SCALED.</summary>
internal static unsafe class ScaledQuantizationKernel<TIsa, TFloats, TConversions, TAccumulators>
    where TIsa : struct, IFloatIsa<TFloats>
    where TFloats : struct
    where TConversions : struct, IInt8Conversions<TAccumulators, TFloats>
    where TAccumulators : struct
{
    public static void Quantize(QuantizationTile<QuantizationScale>* work, nint count)
    {
        QuantizationScale scaling = work->Scale;
        TFloats factor = TIsa.Broadcast(scaling.Factor);
        TFloats least = TIsa.Broadcast(scaling.Least);
        TFloats greatest = TIsa.Broadcast(scaling.Greatest);
        for (nint i = 0; i < count; i += TIsa.Lanes)
            Store(TIsa.FlushDenormals(TIsa.Load(work->Reals + i)), factor, least, greatest, scaling.RoundsToEven, work->Quantized + i);
    }

    public static void Dequantize(QuantizationTile<DequantizationScale>* work, nint count)
    {
        QuantizedOperand quantized = new() { Quantized = work->Quantized, Scale = work->Scale };
        TFloats scale = TIsa.Broadcast(work->Scale.Value);
        for (nint i = 0; i < count; i += TIsa.Lanes)
            TIsa.Store(TIsa.FlushDenormals(Dequantize(&quantized, i, scale)), work->Reals + i);
    }

    public static void Add(QuantizedSum* sum, nint count)
    {
        TFloats scaleX = TIsa.Broadcast(sum->X.Scale.Value);
        TFloats scaleY = TIsa.Broadcast(sum->Y.Scale.Value);
        TFloats low = TIsa.Broadcast(sum->Low);
        TFloats high = TIsa.Broadcast(sum->High);
        TFloats factor = TIsa.Broadcast(sum->Scaling.Factor);
        TFloats least = TIsa.Broadcast(sum->Scaling.Least);
        TFloats greatest = TIsa.Broadcast(sum->Scaling.Greatest);
        for (nint i = 0; i < count; i += TIsa.Lanes)
        {
            TFloats real = TIsa.Add(Dequantize(&sum->X, i, scaleX), Dequantize(&sum->Y, i, scaleY));
            Store(TIsa.AtMost(TIsa.AtLeast(real, low), high), factor, least, greatest, sum->Scaling.RoundsToEven, sum->Output + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TFloats Dequantize(QuantizedOperand* operand, nint i, TFloats scale)
    {
        TAccumulators quantized = operand->Scale.IsSigned ? TConversions.LoadSigned((sbyte*)operand->Quantized + i) : TConversions.LoadUnsigned(operand->Quantized + i);
        return TIsa.Multiply(TConversions.ToFloats(quantized), scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TFloats real, TFloats factor, TFloats least, TFloats greatest, bool roundsToEven, byte* target)
    {
        TFloats q = TIsa.Multiply(TIsa.AtLeast(TIsa.AtMost(real, greatest), least), factor);
        TConversions.StoreBytes(TConversions.Round(roundsToEven ? q : TConversions.RoundAway(q)), target);
    }
}
