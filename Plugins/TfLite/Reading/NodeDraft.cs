using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.TfLite.Reading;

/// <summary>An output of a node that is being made.</summary>
internal readonly record struct Value(NodeDraft Node, int Port = 0)
{
    public DataType Type => Node.OutputTypes[Port];

    /// <summary>The contents when the value is a Const node, else null.</summary>
    public Tensor? Constant => Node.Op == "Const" && Node.Attributes.TryGetValue("value", out var value) ? ((TensorValue)value).Value : null;
}

/// <summary>A node before it has its name.</summary>
internal sealed class NodeDraft
{
    public NodeDraft(string op, ImmutableArray<Value> inputs, AttributeMap attributes, ImmutableArray<NodeDraft> controls, ImmutableArray<DataType> outputTypes)
    {
        Op = op;
        Inputs = inputs;
        Attributes = attributes;
        Controls = controls;
        OutputTypes = outputTypes;
    }

    public string Op { get; }

    public ImmutableArray<Value> Inputs { get; }

    public AttributeMap Attributes { get; }

    public ImmutableArray<NodeDraft> Controls { get; }

    public ImmutableArray<DataType> OutputTypes { get; }

    /// <summary>The name, or what it will begin with until names are given.</summary>
    public string Name { get; set; } = "";

    /// <summary>True when <see cref="Name"/> is one that must be kept.</summary>
    public bool IsNamed { get; set; }

    /// <summary>A draft with its type attributes and list lengths taken from its inputs.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">The op takes other inputs.</exception>
    public static NodeDraft Of(string op, ImmutableArray<Value> inputs, IEnumerable<(string Name, AttributeValue Value)> attributes, ImmutableArray<NodeDraft> controls = default)
    {
        OpDefinition definition = OpTable.Find(op) ?? throw new InvalidOperationException($"the op table has no '{op}'");
        var given = AttributeMap.Of(attributes);
        int next = 0;
        for (int i = 0; i < definition.Inputs.Length; i++)
        {
            ArgumentDefinition argument = definition.Inputs[i];
            int others = definition.Inputs.Length - i - 1;
            int count = argument.NumberAttribute.Length == 0 && argument.TypeListAttribute.Length == 0 ? 1
                : given.TryGetValue(argument.NumberAttribute, out var number) ? (int)((IntValue)number).Value : inputs.Length - next - others;
            if (count < 0 || next + count > inputs.Length)
                throw TfLiteDiagnostics.Invalid($"it has too few inputs for {op}");
            if (argument.TypeListAttribute.Length > 0 && !given.ContainsKey(argument.TypeListAttribute))
                given = given.With(argument.TypeListAttribute, AttributeValue.Types([.. inputs.Skip(next).Take(count).Select(input => input.Type)]));
            if (argument.NumberAttribute.Length > 0 && !given.ContainsKey(argument.NumberAttribute))
                given = given.With(argument.NumberAttribute, count);
            if (argument.TypeAttribute.Length > 0 && !given.ContainsKey(argument.TypeAttribute) && count > 0)
                given = given.With(argument.TypeAttribute, inputs[next].Type);
            if (argument.TypeAttribute.Length > 0 && inputs.Skip(next).Take(count).FirstOrDefault(input => input.Type != ((TypeValue)given[argument.TypeAttribute]).Value) is { Node: not null } other)
                throw TfLiteDiagnostics.Invalid($"its inputs are of {((TypeValue)given[argument.TypeAttribute]).Value.Name()} and {other.Type.Name()}, which {op} does not take together");
            next += count;
        }
        if (next < inputs.Length)
            throw TfLiteDiagnostics.Invalid($"it has too many inputs for {op}");
        Node complete = OpDefaults.Complete(new Node("", op, [], given));
        return new(op, inputs, given, controls.IsDefault ? [] : controls, OpTypes.OutputTypes(complete, definition));
    }
}
