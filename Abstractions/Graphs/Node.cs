using System.Collections.Immutable;

namespace TransformFramework.Graphs;

/// <summary>One operation of a graph. Immutable; equality is by value, edits address a node by identity.</summary>
/// <param name="Name">Unique in a well-formed graph; files can hold duplicates.</param>
/// <param name="Op">The operation's type, such as <c>Conv2D</c>, or a function's name.</param>
/// <param name="Inputs">Data inputs first, then control inputs, in a well-formed node; the file's order is kept.</param>
/// <param name="Attributes">Attributes by name.</param>
/// <param name="Device">Device string, empty when unassigned.</param>
public sealed partial record Node(string Name, string Op, ImmutableArray<NodeInput> Inputs, AttributeMap Attributes, string Device = "")
{
    /// <summary>A node without attributes.</summary>
    public Node(string name, string op, params ReadOnlySpan<NodeInput> inputs)
        : this(name, op, [.. inputs], AttributeMap.Empty)
    {
    }

    /// <summary>Fields of the file's message that this model does not know.</summary>
    public UnknownFields UnknownFields { get; init; }

    /// <summary>Inputs that carry tensors, in order.</summary>
    public IEnumerable<NodeInput> DataInputs => HasControlInputs ? Inputs.Where(input => !input.IsControl) : Inputs;

    /// <summary>Inputs that only order execution, in order.</summary>
    public IEnumerable<NodeInput> ControlInputs => HasControlInputs ? Inputs.Where(input => input.IsControl) : [];

    private bool HasControlInputs
    {
        get
        {
            foreach (NodeInput input in Inputs)
            {
                if (input.IsControl)
                    return true;
            }
            return false;
        }
    }

    /// <summary>A constant, with its tensor's type as <c>dtype</c>.</summary>
    public static Node Constant(string name, Tensor value) =>
        new(name, "Const", [], AttributeMap.Of(("dtype", value.Type), ("value", value)));

    /// <summary>This node with one attribute added or replaced.</summary>
    public Node With(string attribute, AttributeValue value) => this with { Attributes = Attributes.With(attribute, value) };

    /// <summary>This node without the attribute.</summary>
    public Node Without(string attribute) => this with { Attributes = Attributes.Without(attribute) };

    /// <summary>The attribute's type, or null when it is absent or of another kind.</summary>
    public DataType? TypeAttribute(string name) => Attributes.TryGetValue(name, out var value) && value is TypeValue type ? type.Value : null;

    /// <summary>The attribute's tensor, or null when it is absent or of another kind.</summary>
    public Tensor? TensorAttribute(string name) => Attributes.TryGetValue(name, out var value) && value is TensorValue tensor ? tensor.Value : null;

    public bool Equals(Node? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Name == other.Name && Op == other.Op && Device == other.Device
            && Inputs.AsSpan().SequenceEqual(other.Inputs.AsSpan()) && Attributes.Equals(other.Attributes) && UnknownFields == other.UnknownFields);

    public override int GetHashCode() => HashCode.Combine(Name, Op);

    public override string ToString() => $"{Name} = {Op}({string.Join(", ", Inputs)})";
}
