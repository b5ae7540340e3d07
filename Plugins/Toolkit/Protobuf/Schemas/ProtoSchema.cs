using System.Globalization;

namespace TransformFramework.Toolkit.Protobuf.Schemas;

/// <summary>The messages and enumerations of TensorFlow's files, from their definitions (<c>graph.proto</c>, <c>meta_graph.proto</c>) in this assembly.</summary>
public sealed class ProtoSchema
{
    private static readonly Lazy<ProtoSchema> Loaded = new(() => new(["graph.proto", "meta_graph.proto"]));

    private readonly Dictionary<string, ProtoMessage> messages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ProtoEnum> enumerations = new(StringComparer.Ordinal);
    private readonly List<(ProtoMessage Message, ProtoField Field)> fields = [];

    private ProtoSchema(string[] resources)
    {
        foreach (string resource in resources)
        {
            using Stream stream = typeof(ProtoSchema).Assembly.GetManifestResourceStream(resource) ?? throw new InvalidOperationException($"{resource} is missing from the assembly");
            using var reader = new StreamReader(stream);
            new ProtoSchemaParser(this, reader.ReadToEnd()).Parse();
        }
        foreach (var (message, field) in fields)
            Resolve(message.Name, field);
    }

    /// <summary>A message by its name, nested ones as <c>Outer.Inner</c>.</summary>
    /// <exception cref="ArgumentException">There is no such message.</exception>
    public static ProtoMessage Message(string name) => Loaded.Value.messages.GetValueOrDefault(name) ?? throw new ArgumentException($"there is no message '{name}'", nameof(name));

    internal ProtoMessage AddMessage(string name) => messages[name] = new(name);

    internal ProtoEnum AddEnumeration(string name) => enumerations[name] = new(name);

    internal void Add(ProtoMessage message, ProtoField field)
    {
        message.Add(field);
        fields.Add((message, field));
    }

    /// <summary>Finds a field's type: within its message, then outwards.</summary>
    private void Resolve(string scope, ProtoField field)
    {
        if (field.TypeName.Length == 0)
            return;
        for (string? around = scope; around is not null; around = around.Length == 0 ? null : around[..Math.Max(around.LastIndexOf('.'), 0)])
        {
            string name = around.Length == 0 ? field.TypeName : $"{around}.{field.TypeName}";
            if (enumerations.TryGetValue(name, out ProtoEnum? enumeration))
            {
                (field.Kind, field.Enumeration) = (ProtoKind.Enumeration, enumeration);
                return;
            }
            if (messages.TryGetValue(name, out ProtoMessage? message))
            {
                field.Message = message;
                return;
            }
        }
    }
}

/// <summary>Kinds of fields.</summary>
public enum ProtoKind
{
    Float,
    Double,
    Int32,
    Int64,
    UInt32,
    UInt64,
    Fixed64,
    Bool,
    String,
    Bytes,
    Enumeration,
    Message,
}

/// <summary>A message type.</summary>
public sealed class ProtoMessage(string name)
{
    private readonly Dictionary<string, ProtoField> byName = new(StringComparer.Ordinal);
    private readonly Dictionary<int, ProtoField> byNumber = [];

    public string Name => name;

    /// <summary>The field of a name, or null.</summary>
    public ProtoField? Find(string fieldName) => byName.GetValueOrDefault(fieldName);

    /// <summary>The field of a number, or null.</summary>
    public ProtoField? Find(int number) => byNumber.GetValueOrDefault(number);

    internal void Add(ProtoField field)
    {
        byName.Add(field.Name, field);
        byNumber.Add(field.Number, field);
    }
}

/// <summary>An enumeration.</summary>
public sealed class ProtoEnum(string name)
{
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> names = [];

    public string Name => name;

    /// <summary>The number of a name, or null.</summary>
    public int? Find(string value) => numbers.TryGetValue(value, out int number) ? number : null;

    /// <summary>The name of a number, or the number.</summary>
    public string NameOf(int number) => names.GetValueOrDefault(number) ?? number.ToString(CultureInfo.InvariantCulture);

    internal void Add(string value, int number)
    {
        numbers.Add(value, number);
        names.TryAdd(number, value);
    }
}

/// <summary>A field of a message.</summary>
/// <param name="name">Name in the text format.</param>
/// <param name="number">Number in the binary form.</param>
/// <param name="isRepeated">True when it may occur again.</param>
/// <param name="alternatives">Name of the group of which only one field may be set; null for none.</param>
public sealed class ProtoField(string name, int number, bool isRepeated, string? alternatives)
{
    public string Name => name;

    public int Number => number;

    public bool IsRepeated => isRepeated;

    public string? Alternatives => alternatives;

    public ProtoKind Kind { get; internal set; } = ProtoKind.Message;

    /// <summary>The type of a message field; null for one that is not defined, whose text is skipped.</summary>
    public ProtoMessage? Message { get; internal set; }

    /// <summary>The type of an enumeration field.</summary>
    public ProtoEnum? Enumeration { get; internal set; }

    /// <summary>How one value is laid out in the binary form.</summary>
    public WireType WireType => Kind switch
    {
        ProtoKind.Float => WireType.Fixed32,
        ProtoKind.Double or ProtoKind.Fixed64 => WireType.Fixed64,
        ProtoKind.String or ProtoKind.Bytes or ProtoKind.Message => WireType.Bytes,
        _ => WireType.Varint,
    };

    /// <summary>True when a repeated field's values can also come packed.</summary>
    public bool CanBePacked => IsRepeated && WireType != WireType.Bytes;

    /// <summary>Name of the message or enumeration that the field holds; empty for a number, a truth value or text.</summary>
    internal string TypeName { get; init; } = "";
}
