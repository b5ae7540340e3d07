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
        switch (weight.Type)
        {
            case DataType.Float:
                Tensor floats = Tensor.Allocate<float>(DataType.Float, weight.Shape, out var reals);
                for (int i = 0; i < reals.Length; i++)
                    reals[i] = (float)Value(stored.Span, i, quantization);
                return floats;
            case DataType.Int32:
                Tensor integers = Tensor.Allocate<int>(DataType.Int32, weight.Shape, out var whole);
                for (int i = 0; i < whole.Length; i++)
                    whole[i] = (int)Math.Floor(Value(stored.Span, i, quantization) + 0.5);
                return integers;
            default:
                throw WeightManifest.Malformed($"the weight '{weight.Name}' of type {weight.Type.Name()} is packed, which only float32 and int32 can be", null);
        }
    }

    /// <summary>value · scale + minimum; whole weights are the nearest number, halves go up, as in TensorFlow.js.</summary>
    private static double Value(ReadOnlySpan<byte> stored, int index, WeightQuantization quantization) => quantization.Stored switch
    {
        DataType.Half => (double)MemoryMarshal.Cast<byte, Half>(stored)[index],
        DataType.UInt16 => (BinaryPrimitives.ReadUInt16LittleEndian(stored[(index * 2)..]) * quantization.Scale) + quantization.Minimum,
        _ => (stored[index] * quantization.Scale) + quantization.Minimum,
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
