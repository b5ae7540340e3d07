using System.Buffers.Binary;
using System.Runtime.InteropServices;
using PureHDF;
using PureHDF.VOL.Native;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.ModelFiles;

namespace TransformFramework.Keras.Reading;

/// <summary>An HDF5 file: groups, attributes, datasets. Whatever is damaged ends in a <see cref="KerasException"/>.</summary>
internal sealed class H5Archive : IDisposable
{
    /// <summary>Largest ratio between a packed dataset and its elements, beside a floor for small files.</summary>
    private const long MostInflation = 64;

    private const long InflationFloor = 64L << 20;

    /// <summary>Most elements that an attribute with names may have.</summary>
    private const long MostNames = 1 << 20;

    private static readonly byte[] Signature = [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    private readonly NativeFile file;
    private readonly long length;
    private readonly string name;

    private H5Archive(NativeFile file, long length, string name)
    {
        this.file = file;
        this.length = length;
        this.name = name;
    }

    /// <summary>True when the file has the signature of HDF5: at its start, or behind a user block of 512 bytes times a power of two.</summary>
    public static bool IsH5(ModelSourceFile source) => StartOf(source) >= 0;

    /// <summary>Opens a file.</summary>
    public static H5Archive Open(ModelSourceFile source, string name)
    {
        CheckEnd(source, name);
        NativeFile file = Guard(name, () => H5File.Open(source.OpenRead(), leaveOpen: false));
        return new(file, source.Length, name);
    }

    /// <summary>True when a path leads to an object.</summary>
    public bool Exists(string path) => Guard(name, () => file.LinkExists(path));

    /// <summary>True when a path leads to a dataset.</summary>
    public bool HasDataset(string path) => Guard(name, () => file.LinkExists(path) && file.Get(path) is IH5Dataset);

    /// <summary>A text attribute of an object, or null.</summary>
    public string? TextAttribute(string path, string attribute) => Guard(name, () =>
    {
        IH5Object owner = Get(path);
        if (!owner.AttributeExists(attribute))
            return null;
        IH5Attribute found = owner.Attribute(attribute);
        return found.Space.Dimensions.Aggregate(1UL, (product, size) => checked(product * size)) == 1 ? found.Space.Rank == 0 ? found.Read<string>() : found.Read<string[]>()[0] : null;
    });

    /// <summary>A list of names in an attribute, which Keras splits into <c>…0</c>, <c>…1</c> when it is long; null when there is none.</summary>
    public IReadOnlyList<string>? NamesAttribute(string path, string attribute) => Guard(name, () =>
    {
        IH5Object owner = Get(path);
        if (owner.AttributeExists(attribute))
            return Names(owner.Attribute(attribute));
        if (!owner.AttributeExists(attribute + "0"))
            return null;
        var all = new List<string>();
        for (int i = 0; owner.AttributeExists(attribute + i.ToString(System.Globalization.CultureInfo.InvariantCulture)); i++)
            all.AddRange(Names(owner.Attribute(attribute + i.ToString(System.Globalization.CultureInfo.InvariantCulture))));
        return (IReadOnlyList<string>)all;
    });

    /// <summary>A dataset of numbers as a tensor.</summary>
    public Tensor Read(string path) => Guard(name, () =>
    {
        if (file.Get(path) is not NativeDataset dataset)
            throw new KerasException(KerasDiagnostics.DamagedFile, $"'{path}' in {name} is not a dataset");
        DataType type = TypeOf(dataset.Type, path);
        long[] dimensions = [.. dataset.Space.Dimensions.Select(size => checked((long)size))];
        TensorShape shape = TensorShape.Of(dimensions);
        Check(dataset, path, shape, dataset.Type.Size);
        return Read(dataset, type, shape);
    });

    public void Dispose() => file.Dispose();

    private static long StartOf(ModelSourceFile source)
    {
        for (long offset = 0; offset + Signature.Length <= source.Length && offset <= 1 << 20; offset = offset == 0 ? 512 : offset * 2)
        {
            if (source.Slice(offset, Signature.Length).Span.SequenceEqual(Signature))
                return offset;
        }
        return -1;
    }

    /// <summary>Refuses a file that is shorter than its superblock states, of which any part may be missing.</summary>
    private static void CheckEnd(ModelSourceFile source, string name)
    {
        const int SuperblockLength = 56;
        long start = StartOf(source);
        if (source.Length - start < SuperblockLength)
            throw new KerasException(KerasDiagnostics.DamagedFile, $"{name} is cut after {source.Length} bytes");
        ReadOnlySpan<byte> superblock = source.Slice(start, SuperblockLength).Span;
        (int sizeAt, int endAt) = superblock[8] switch
        {
            0 => (13, 40),
            1 => (13, 44),
            _ => (9, 28),
        };
        if (superblock[sizeAt] == 8 && BinaryPrimitives.ReadUInt64LittleEndian(superblock[endAt..]) is var end && end > (ulong)source.Length)
            throw new KerasException(KerasDiagnostics.DamagedFile, $"{name} is cut: it has {source.Length} bytes and states {end}");
    }

    private IH5Object Get(string path) => path is "" or "/" ? file : file.Get(path);

    private static IReadOnlyList<string> Names(IH5Attribute attribute)
    {
        ulong count = attribute.Space.Dimensions.Aggregate(1UL, (product, size) => checked(product * size));
        if (count == 0)
            return [];
        if (count > MostNames)
            throw new InvalidDataException($"attribute {attribute.Name} has {count} names");
        return attribute.Space.Rank == 0 ? [attribute.Read<string>()] : attribute.Read<string[]>();
    }

    private void Check(NativeDataset dataset, string path, TensorShape shape, int elementSize)
    {
        long bytes = checked(shape.ElementCount * elementSize);
        bool isPacked = dataset.Layout.Class == H5DataLayoutClass.Chunked;
        if (dataset.Layout.Class == H5DataLayoutClass.VirtualStorage)
            throw new KerasException(KerasDiagnostics.DamagedFile, $"dataset '{path}' in {name} lies in another file");
        long most = isPacked ? Math.Max(length * MostInflation, InflationFloor) : length;
        if (bytes > most || bytes > Array.MaxLength)
            throw new KerasException(KerasDiagnostics.DamagedFile, $"dataset '{path}' in {name} states {bytes} bytes, more than the file can hold");
        if (isPacked && dataset.Layout.Chunks is { } chunks && chunks.Aggregate((ulong)elementSize, (product, size) => checked(product * size)) > (ulong)most)
            throw new KerasException(KerasDiagnostics.DamagedFile, $"dataset '{path}' in {name} has chunks that the file cannot hold");
    }

    /// <summary>The element type in memory; floats and integers of any byte order.</summary>
    private static DataType TypeOf(IH5DataType type, string path) => (type.Class, type.Size) switch
    {
        (H5DataTypeClass.FloatingPoint, 4) => DataType.Float,
        (H5DataTypeClass.FloatingPoint, 8) => DataType.Double,
        (H5DataTypeClass.FloatingPoint, 2) => DataType.Half,
        (H5DataTypeClass.FixedPoint, 1) => type.FixedPoint.IsSigned ? DataType.Int8 : DataType.UInt8,
        (H5DataTypeClass.FixedPoint, 2) => type.FixedPoint.IsSigned ? DataType.Int16 : DataType.UInt16,
        (H5DataTypeClass.FixedPoint, 4) => type.FixedPoint.IsSigned ? DataType.Int32 : DataType.UInt32,
        (H5DataTypeClass.FixedPoint, 8) => type.FixedPoint.IsSigned ? DataType.Int64 : DataType.UInt64,
        (H5DataTypeClass.Enumerated, 1) => DataType.Bool,
        _ => throw new KerasException(KerasDiagnostics.DamagedFile, $"dataset '{path}' has elements of {type.Size} bytes of class {type.Class}, which are no weights"),
    };

    private static Tensor Read(NativeDataset dataset, DataType type, TensorShape shape)
    {
        byte[] content = new byte[checked((int)(shape.ElementCount * type.Size()))];
        if (content.Length > 0 && !TryFill(dataset, type, content))
        {
            dataset.Read(new H5DatasetAccess(), content.AsSpan());
            ReverseEach(content, type.Size());
        }
        return Tensor.FromContent(type, shape, content);
    }

    /// <summary>Reads the elements; false when they are stored in the other byte order, which the library refuses to convert.</summary>
    private static bool TryFill(NativeDataset dataset, DataType type, byte[] content)
    {
        try
        {
            switch (type.Size())
            {
                case 1:
                    dataset.Read(new H5DatasetAccess(), content.AsSpan());
                    break;
                case 2:
                    dataset.Read(new H5DatasetAccess(), MemoryMarshal.Cast<byte, short>(content.AsSpan()));
                    break;
                case 4:
                    dataset.Read(new H5DatasetAccess(), MemoryMarshal.Cast<byte, int>(content.AsSpan()));
                    break;
                default:
                    dataset.Read(new H5DatasetAccess(), MemoryMarshal.Cast<byte, long>(content.AsSpan()));
                    break;
            }
            return true;
        }
        catch (Exception error) when (error.Message.StartsWith("Byte order", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private static void ReverseEach(Span<byte> content, int size)
    {
        for (int at = 0; at + size <= content.Length; at += size)
            content.Slice(at, size).Reverse();
    }

    /// <summary>Runs a call of the library, which throws whatever a damaged file leads it to.</summary>
    private static T Guard<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is not (KerasException or OperationCanceledException or ModelFormatException))
        {
            throw new KerasException(KerasDiagnostics.DamagedFile, $"{name} is damaged or cut: {error.Message}");
        }
    }
}
