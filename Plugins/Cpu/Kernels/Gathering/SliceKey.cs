using System.Runtime.InteropServices;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Gathering;

/// <summary>The elements of a slice as a dictionary key. As numbers compare, -0 equals 0 and NaN not even itself.</summary>
internal sealed class SliceKey : IEquatable<SliceKey>
{
    private readonly byte[] bytes;
    private readonly bool equalsNothing;

    private SliceKey(byte[] bytes, bool equalsNothing)
    {
        this.bytes = bytes;
        this.equalsNothing = equalsNothing;
    }

    public static SliceKey Of(Tensor tensor, int axis, int position)
    {
        Tensor slice = tensor.Shape.Rank == 1 ? tensor : AxisPick.Along(tensor, axis, [position]);
        int from = tensor.Shape.Rank == 1 ? position : 0;
        int count = tensor.Shape.Rank == 1 ? 1 : (int)slice.ElementCount;
        if (tensor.Type == DataType.String)
            return new([.. slice.Strings.AsSpan().Slice(from, count).ToArray().SelectMany(text => (byte[])[.. BitConverter.GetBytes(text.Length), .. text.Span])], equalsNothing: false);
        int size = tensor.Type.Size();
        byte[] content = slice.Bytes.Span.Slice(from * size, count * size).ToArray();
        return new(content, tensor.Type switch
        {
            DataType.Float => Normalize<float>(content),
            DataType.Double => Normalize<double>(content),
            DataType.Half => Normalize<Half>(content),
            _ => false,
        });
    }

    public bool Equals(SliceKey? other) => other is not null && !equalsNothing && bytes.AsSpan().SequenceEqual(other.bytes);

    public override bool Equals(object? obj) => Equals(obj as SliceKey);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }

    private static bool Normalize<T>(byte[] content)
        where T : unmanaged, System.Numerics.IFloatingPoint<T>
    {
        bool hasNaN = false;
        foreach (ref T value in MemoryMarshal.Cast<byte, T>(content.AsSpan()))
        {
            if (value == T.Zero)
                value = T.Zero;
            hasNaN |= T.IsNaN(value);
        }
        return hasNaN;
    }
}
