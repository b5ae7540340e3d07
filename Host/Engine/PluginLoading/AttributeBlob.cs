using System.Reflection.Metadata;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>
/// The arguments of a custom attribute as its metadata stores them (ECMA-335, II.23.3), for arguments of the types that the contract's attributes have: strings, string
/// arrays, integers and booleans.
/// </summary>
internal sealed class AttributeBlob
{
    private const byte Boolean = 0x02;
    private const byte Int32 = 0x08;
    private const byte Text = 0x0e;
    private const byte Array = 0x1d;

    private readonly Dictionary<string, object?> named = new(StringComparer.Ordinal);

    private AttributeBlob(object?[] positional) => Positional = positional;

    /// <summary>Constructor arguments: string, string[] or int.</summary>
    public object?[] Positional { get; }

    /// <summary>Reads an attribute whose constructor takes what the signature says: s for a string, a for a string array, i for an integer.</summary>
    /// <exception cref="BadImageFormatException">The blob is damaged, or has arguments of other types.</exception>
    public static AttributeBlob Read(MetadataReader metadata, CustomAttribute attribute, string signature)
    {
        BlobReader blob = metadata.GetBlobReader(attribute.Value);
        if (blob.ReadUInt16() != 1)
            throw new BadImageFormatException("a custom attribute does not begin with its prolog");
        object?[] positional = new object?[signature.Length];
        for (int i = 0; i < positional.Length; i++)
            positional[i] = signature[i] switch { 's' => blob.ReadSerializedString(), 'a' => Strings(ref blob), _ => blob.ReadInt32() };
        var read = new AttributeBlob(positional);
        for (int count = blob.ReadUInt16(); count > 0; count--)
            read.ReadNamed(ref blob);
        return read;
    }

    public string NamedText(string name) => named.GetValueOrDefault(name) as string ?? "";

    public string[] NamedTexts(string name) => named.GetValueOrDefault(name) as string[] ?? [];

    public bool NamedFlag(string name) => named.GetValueOrDefault(name) is true;

    private void ReadNamed(ref BlobReader blob)
    {
        blob.ReadByte();
        byte type = blob.ReadByte();
        if (type == Array)
            blob.ReadByte();
        string name = blob.ReadSerializedString() ?? "";
        named[name] = type switch
        {
            Boolean => blob.ReadBoolean(),
            Int32 => blob.ReadInt32(),
            Text => blob.ReadSerializedString(),
            Array => Strings(ref blob),
            _ => throw new BadImageFormatException($"the attribute argument '{name}' has a type that the contract does not use"),
        };
    }

    private static string[] Strings(ref BlobReader blob)
    {
        int length = blob.ReadInt32();
        if (length < 0)
            return [];
        string[] strings = new string[Math.Min(length, blob.RemainingBytes)];
        for (int i = 0; i < strings.Length; i++)
            strings[i] = blob.ReadSerializedString() ?? "";
        return strings;
    }
}
