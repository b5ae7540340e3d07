using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Hdf5;

/// <summary>Reads datasets: contiguous ones are views of the file, chunked ones are put together.</summary>
internal static class H5Dataset
{
    /// <summary>Largest ratio between a packed dataset and its file, beside a floor for small files.</summary>
    private const long MostInflation = 64;

    private const long InflationFloor = 64L << 20;

    /// <summary>True for the header of a dataset.</summary>
    public static bool Is(ImmutableArray<H5Message> messages) => messages.Any(message => message.Kind == H5MessageKind.Layout);

    /// <summary>The dataset as a tensor.</summary>
    public static Tensor Read(H5Bytes file, ImmutableArray<H5Message> messages, string path)
    {
        H5Type type = H5Type.Read(file, Message(file, messages, H5MessageKind.Datatype, path));
        TensorShape shape = H5Space.Read(file, Message(file, messages, H5MessageKind.Dataspace, path));
        DataType element = type.ToDataType(file, path);
        long most = Math.Min(Array.MaxLength, Math.Max(file.FileLength * MostInflation, InflationFloor));
        if (shape.ElementCount > most / type.Size)
            throw file.Damaged($"dataset '{path}' states {shape.ElementCount} elements, more than the file can hold");
        long length = shape.ElementCount * type.Size;
        if (length == 0)
            return Tensor.FromContent(element, shape, default);
        ReadOnlyMemory<byte> content = Content(file, messages, path, shape, type, length);
        return Tensor.FromContent(element, shape, type.IsBigEndian && type.Size > 1 ? Reversed(content, type.Size) : content);
    }

    private static ReadOnlyMemory<byte> Content(H5Bytes file, ImmutableArray<H5Message> messages, string path, TensorShape shape, H5Type type, long length)
    {
        var layout = new H5Cursor(file, Message(file, messages, H5MessageKind.Layout, path));
        int version = layout.Byte();
        if (version is not (3 or 4))
            throw file.Unsupported($"a layout of version {version} (dataset '{path}')");
        int kind = layout.Byte();
        switch (kind)
        {
            case 0:
                int size = layout.UInt16();
                return size >= length ? layout.Bytes(size)[..(int)length] : throw file.Damaged($"dataset '{path}' is cut");
            case 1:
                long address = layout.Offset();
                return file.IsUndefined(address) ? new byte[file.FileLength >= length ? length : throw file.Damaged($"dataset '{path}' was never written")] : file.At(address, length);
            case 2:
                ImmutableArray<H5Filter> filters = H5Filter.Read(file, messages);
                return new H5Chunks(file, path, shape, type.Size, filters).Read(layout, version, (int)length);
            default:
                throw file.Unsupported($"data in another file (dataset '{path}')");
        }
    }

    private static ReadOnlyMemory<byte> Message(H5Bytes file, ImmutableArray<H5Message> messages, H5MessageKind kind, string path)
    {
        foreach (H5Message message in messages)
        {
            if (message.Kind == kind)
                return message.IsShared ? throw file.Unsupported($"a shared {kind} (dataset '{path}')") : message.Content;
        }
        throw file.Damaged($"'{path}' is not a dataset");
    }

    private static byte[] Reversed(ReadOnlyMemory<byte> content, int size)
    {
        byte[] result = content.ToArray();
        for (int at = 0; at + size <= result.Length; at += size)
            result.AsSpan(at, size).Reverse();
        return result;
    }
}
