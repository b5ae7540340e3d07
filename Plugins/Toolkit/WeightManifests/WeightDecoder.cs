using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.WeightManifests;

/// <summary>Turns stored bytes into tensors.</summary>
internal static class WeightDecoder
{
    /// <summary>The tensor of a weight.</summary>
    public static Tensor Decode(ManifestWeight weight, ShardReader shards)
    {
        long count = weight.Shape.ElementCount;
        if (weight.Type == DataType.String)
            return Strings(weight, shards, count);
        if (weight.Quantization is not { } quantization)
            return Tensor.FromContent(weight.Type, weight.Shape, shards.Take(count * weight.Type.Size(), weight.Name));
        ReadOnlyMemory<byte> stored = shards.Take(count * quantization.Stored.Size(), weight.Name);
        float[] values = new float[count];
        for (int i = 0; i < values.Length; i++)
            values[i] = Value(stored.Span, i, quantization);
        if (weight.Type == DataType.Float)
            return Tensor.Create<float>(DataType.Float, weight.Shape, values);
        if (weight.Type == DataType.Int32)
            return Tensor.Create<int>(DataType.Int32, weight.Shape, [.. values.Select(value => (int)MathF.Round(value))]);
        throw WeightManifest.Malformed($"the weight '{weight.Name}' of type {weight.Type.Name()} is packed, which only float32 and int32 can be", null);
    }

    /// <summary>value · scale + minimum, rounded to float.</summary>
    private static float Value(ReadOnlySpan<byte> stored, int index, WeightQuantization quantization) => quantization.Stored switch
    {
        DataType.Half => (float)MemoryMarshal.Cast<byte, Half>(stored)[index],
        DataType.UInt16 => (float)((BinaryPrimitives.ReadUInt16LittleEndian(stored[(index * 2)..]) * quantization.Scale) + quantization.Minimum),
        _ => (float)((stored[index] * quantization.Scale) + quantization.Minimum),
    };

    /// <summary>Each string after its length of 32 bits.</summary>
    private static Tensor Strings(ManifestWeight weight, ShardReader shards, long count)
    {
        var strings = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        for (long i = 0; i < count; i++)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(shards.Take(sizeof(uint), weight.Name).Span);
            strings.Add(shards.Take(length, weight.Name));
        }
        return Tensor.FromStrings(weight.Shape, strings.ToImmutable());
    }
}
