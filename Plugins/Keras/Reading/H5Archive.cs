using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Keras.Hdf5;
using TransformFramework.ModelFiles;

namespace TransformFramework.Keras.Reading;

/// <summary>An HDF5 file by paths: groups, texts in attributes, datasets. Whatever is damaged ends in a <see cref="KerasException"/>.</summary>
internal sealed class H5Archive
{
    private const int LastUserBlock = 1 << 20;

    private static readonly byte[] Signature = [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    private readonly H5Bytes bytes;
    private readonly long root;
    private readonly Dictionary<long, ImmutableArray<H5Message>> messages = [];
    private readonly Dictionary<long, Dictionary<string, long>> links = [];

    private H5Archive(H5Bytes bytes, long root)
    {
        this.bytes = bytes;
        this.root = root;
    }

    /// <summary>True when the file has the signature of HDF5: at its start, or behind a user block of 512 bytes times a power of two.</summary>
    public static bool IsH5(ModelSourceFile source) => StartOf(source) >= 0;

    /// <summary>Opens a file.</summary>
    public static H5Archive Open(ModelSourceFile source, string name)
    {
        var content = new H5Bytes(source, name, StartOf(source));
        H5Cursor head = content.Cursor(8, Math.Min(88, source.Length - content.Base - 8));
        int version = head.Byte();
        if (version > 3)
            throw content.Unsupported($"a superblock of version {version}");
        head.Skip(version < 2 ? 4 : 0);
        content.OffsetSize = head.Byte();
        content.LengthSize = head.Byte();
        if (content.OffsetSize is not (4 or 8) || content.LengthSize is not (4 or 8))
            throw content.Damaged($"addresses of {content.OffsetSize} bytes");
        head.Skip(version switch
        {
            0 => 9,
            1 => 13,
            _ => 1,
        });
        head.Offset();
        head.Offset();
        long end = head.Offset();
        if (end < 0 || end > source.Length)
            throw content.Damaged($"it has {source.Length} bytes and states {end}");
        if (version < 2)
            head.Skip(2 * content.OffsetSize);
        return new(content, head.Offset());
    }

    /// <summary>True when a path leads to an object.</summary>
    public bool Exists(string path) => Find(path) is not null;

    /// <summary>A text attribute of an object, or null.</summary>
    public string? TextAttribute(string path, string attribute) => Attribute(path, attribute) is { } found && found.Texts(bytes) is [var text, ..] ? text : null;

    /// <summary>A list of names in an attribute, which Keras splits into <c>…0</c>, <c>…1</c> when it is long; null when there is none.</summary>
    public IReadOnlyList<string>? NamesAttribute(string path, string attribute)
    {
        if (Attribute(path, attribute) is { } whole)
            return whole.Texts(bytes);
        var all = new List<string>();
        int parts = 0;
        for (; Attribute(path, attribute + parts.ToString(CultureInfo.InvariantCulture)) is { } part; parts++)
            all.AddRange(part.Texts(bytes));
        return parts == 0 ? null : all;
    }

    /// <summary>A dataset of numbers as a tensor, a view of the file where it is stored in one piece.</summary>
    public Tensor Read(string path) => H5Dataset.Read(bytes, Messages(Find(path) ?? throw bytes.Damaged($"'{path}' is not there")), path);

    private static long StartOf(ModelSourceFile source)
    {
        for (long offset = 0; offset + Signature.Length <= source.Length && offset <= LastUserBlock; offset = offset == 0 ? 512 : offset * 2)
        {
            if (source.Slice(offset, Signature.Length).Span.SequenceEqual(Signature))
                return offset;
        }
        return -1;
    }

    private H5Attribute? Attribute(string path, string name) => Find(path) is { } address ? H5Attribute.Of(bytes, Messages(address)).FirstOrDefault(attribute => attribute.Name == name) : null;

    private long? Find(string path)
    {
        long address = root;
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Links(address).TryGetValue(part, out long next))
                return null;
            address = next;
        }
        return address;
    }

    private Dictionary<string, long> Links(long address)
    {
        if (!links.TryGetValue(address, out var found))
            links[address] = found = H5Group.Links(bytes, Messages(address));
        return found;
    }

    private ImmutableArray<H5Message> Messages(long address)
    {
        if (!messages.TryGetValue(address, out var found))
            messages[address] = found = H5Object.Messages(bytes, address);
        return found;
    }
}
