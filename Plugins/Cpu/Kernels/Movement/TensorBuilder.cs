using System.Collections.Immutable;
using System.Runtime.InteropServices;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Elements of a tensor reached by an offset and one stride a dimension.</summary>
internal readonly record struct Strided(int Offset, int[] Strides)
{
    /// <summary>All elements of a row-major tensor.</summary>
    public static Strided Whole(TensorShape shape) => new(0, RowMajor(shape.Dimensions.AsSpan()));

    /// <summary>Row-major strides of a shape.</summary>
    public static int[] RowMajor(ReadOnlySpan<long> dimensions)
    {
        int[] strides = new int[dimensions.Length];
        long stride = 1;
        for (int i = strides.Length - 1; i >= 0; i--)
        {
            strides[i] = (int)stride;
            stride *= dimensions[i];
        }
        return strides;
    }
}

/// <summary>A tensor in the making, filled with elements of other tensors of its type: numbers of any size, strings, handles.</summary>
internal abstract class TensorBuilder
{
    /// <summary>A builder whose elements are zeros or empty strings.</summary>
    /// <exception cref="TransformFramework.Execution.ExecutionException">The type has no elements that could be moved.</exception>
    public static TensorBuilder Of(DataType type, TensorShape shape) => type.Base() == DataType.String
        ? new Strings(shape)
        : type.Size() switch
        {
            1 => new Numbers<byte>(type.Base(), shape),
            2 => new Numbers<ushort>(type.Base(), shape),
            4 => new Numbers<uint>(type.Base(), shape),
            8 => new Numbers<ulong>(type.Base(), shape),
            16 => new Numbers<(ulong, ulong)>(type.Base(), shape),
            _ => throw Refuse.Type(type, "numbers, bool and string"),
        };

    /// <summary>Puts one element everywhere.</summary>
    public abstract void Fill(Tensor source, int element = 0);

    /// <summary>Copies a run of elements.</summary>
    public abstract void Copy(Tensor source, int from, int to, int count);

    /// <summary>Copies a block of elements from strided to strided places.</summary>
    public abstract void Copy(Tensor source, Strided from, Strided to, ReadOnlySpan<long> dimensions);

    /// <summary>Takes each element from one tensor where it is chosen, from the other elsewhere; all have as many elements as the tensor in the making.</summary>
    public abstract void Pick(ReadOnlySpan<bool> chosen, Tensor then, Tensor otherwise);

    /// <summary>The finished tensor; the builder is used up.</summary>
    public abstract Tensor Build();

    private abstract class Typed<T> : TensorBuilder
    {
        protected abstract Span<T> Elements { get; }

        public override void Fill(Tensor source, int element = 0)
        {
            ReadOnlySpan<T> elements = Read(source);
            Elements.Fill(element < elements.Length ? elements[element] : throw Refuse.Invalid($"the tensor to fill with has shape {source.Shape} and no element {element}"));
        }

        public override void Copy(Tensor source, int from, int to, int count) => Read(source).Slice(from, count).CopyTo(Elements[to..]);

        public override void Copy(Tensor source, Strided from, Strided to, ReadOnlySpan<long> dimensions) =>
            StridedCopy.Copy(Read(source), from, Elements, to, dimensions);

        public override void Pick(ReadOnlySpan<bool> chosen, Tensor then, Tensor otherwise)
        {
            Span<T> elements = Elements;
            ReadOnlySpan<T> first = Read(then)[..elements.Length];
            ReadOnlySpan<T> second = Read(otherwise)[..elements.Length];
            chosen = chosen[..elements.Length];
            for (int i = 0; i < elements.Length; i++)
                elements[i] = chosen[i] ? first[i] : second[i];
        }

        protected abstract ReadOnlySpan<T> Read(Tensor source);
    }

    private sealed class Numbers<T>(DataType type, TensorShape shape) : Typed<T>
        where T : unmanaged
    {
        private readonly byte[] content = new byte[checked((int)(shape.ElementCount * type.Size()))];
        private Tensor? last;
        private ReadOnlyMemory<byte> bytes;

        protected override Span<T> Elements => MemoryMarshal.Cast<byte, T>(content.AsSpan());

        public override Tensor Build() => Tensor.FromContent(type, shape, content);

        protected override ReadOnlySpan<T> Read(Tensor source)
        {
            if (!ReferenceEquals(source, last))
            {
                if (source.Type.Size() != type.Size())
                    throw Refuse.Invalid($"elements of type {source.Type.Name()} for a tensor of type {type.Name()}");
                bytes = source.Bytes;
                last = source;
            }
            return MemoryMarshal.Cast<byte, T>(bytes.Span);
        }
    }

    private sealed class Strings : Typed<ReadOnlyMemory<byte>>
    {
        private readonly TensorShape shape;
        private readonly ReadOnlyMemory<byte>[] strings;
        private Tensor? last;
        private ImmutableArray<ReadOnlyMemory<byte>> lastStrings;

        public Strings(TensorShape shape)
        {
            this.shape = shape;
            strings = new ReadOnlyMemory<byte>[checked((int)shape.ElementCount)];
        }

        protected override Span<ReadOnlyMemory<byte>> Elements => strings;

        public override Tensor Build() => Tensor.FromStrings(shape, ImmutableCollectionsMarshal.AsImmutableArray(strings));

        protected override ReadOnlySpan<ReadOnlyMemory<byte>> Read(Tensor source)
        {
            if (!ReferenceEquals(source, last))
            {
                if (source.Type != DataType.String)
                    throw Refuse.Invalid($"elements of type {source.Type.Name()} for a tensor of strings");
                lastStrings = source.Strings;
                last = source;
            }
            return lastStrings.AsSpan();
        }
    }
}
