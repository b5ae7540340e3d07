using System.Collections.Immutable;

namespace TransformFramework.Graphs;

/// <summary>Name, arguments and attributes of an op or of a library function (TensorFlow's <c>OpDef</c>).</summary>
public sealed record OpDefinition(
    string Name,
    ImmutableArray<ArgumentDefinition> Inputs,
    ImmutableArray<ArgumentDefinition> Outputs,
    ImmutableArray<AttributeDefinition> Attributes)
{
    public string Summary { get; init; } = "";

    public string Description { get; init; } = "";

    public ImmutableArray<string> ControlOutputs { get; init; } = [];

    public bool IsStateful { get; init; }

    public bool IsCommutative { get; init; }

    public bool IsAggregate { get; init; }

    public bool AllowsUninitializedInput { get; init; }

    /// <summary>Fields of the file's message that this model does not know.</summary>
    public UnknownFields UnknownFields { get; init; }

    /// <summary>The attribute of a name, or null.</summary>
    public AttributeDefinition? Attribute(string name) => Attributes.FirstOrDefault(attribute => attribute.Name == name);

    public bool Equals(OpDefinition? other) =>
        other is not null && Name == other.Name && Summary == other.Summary && Description == other.Description
        && Inputs.AsSpan().SequenceEqual(other.Inputs.AsSpan()) && Outputs.AsSpan().SequenceEqual(other.Outputs.AsSpan())
        && Attributes.AsSpan().SequenceEqual(other.Attributes.AsSpan()) && ControlOutputs.AsSpan().SequenceEqual(other.ControlOutputs.AsSpan())
        && IsStateful == other.IsStateful && IsCommutative == other.IsCommutative && IsAggregate == other.IsAggregate
        && AllowsUninitializedInput == other.AllowsUninitializedInput && UnknownFields == other.UnknownFields;

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}

/// <summary>
/// One argument. Its type is <see cref="Type"/>, or the value of the attribute <see cref="TypeAttribute"/>; with <see cref="NumberAttribute"/> it stands
/// for that many tensors; with <see cref="TypeListAttribute"/> for one tensor per type of that list.
/// </summary>
public sealed record ArgumentDefinition(string Name, DataType Type = DataType.Invalid, string TypeAttribute = "", string NumberAttribute = "", string TypeListAttribute = "")
{
    public string Description { get; init; } = "";

    public bool IsReference { get; init; }

    /// <summary>Fields of the file's message that this model does not know.</summary>
    public UnknownFields UnknownFields { get; init; }
}

/// <summary>One attribute of an op: <see cref="Kind"/> is TensorFlow's spelling (<c>int</c>, <c>list(type)</c>, …).</summary>
public sealed record AttributeDefinition(string Name, string Kind, AttributeValue? Default = null)
{
    public string Description { get; init; } = "";

    /// <summary>Smallest value of an int, smallest length of a list; null when there is none.</summary>
    public long? Minimum { get; init; }

    /// <summary>A list of the allowed values, or null when all are.</summary>
    public AttributeValue? Allowed { get; init; }

    /// <summary>Fields of the file's message that this model does not know.</summary>
    public UnknownFields UnknownFields { get; init; }
}
