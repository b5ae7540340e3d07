using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.SavedModel.Freezing;

/// <summary>A variable of a graph.</summary>
/// <param name="Node">The node that is the variable or its handle.</param>
/// <param name="Type">Type of its value.</param>
/// <param name="Shape">Shape of its value as far as the node states it.</param>
internal sealed record Variable(Node Node, DataType Type, TensorShape Shape)
{
    /// <summary>The name by which it is reported.</summary>
    public string Name => VariableOps.NameOf(Node);

    public static Variable Of(Node node) => new(
        node,
        node.TypeAttribute("dtype") ?? DataType.Invalid,
        node.Shape("shape", TensorShape.Unknown));

    public bool Equals(Variable? other) => ReferenceEquals(Node, other?.Node);

    public override int GetHashCode() => Node.Name.GetHashCode(StringComparison.Ordinal);
}

/// <summary>The variables that a tensor may be the handle of.</summary>
internal sealed class VariableSet
{
    private readonly HashSet<Variable> variables = [];

    /// <summary>Type of the value; Invalid when the variables differ.</summary>
    public DataType Type => variables.Select(variable => variable.Type).Distinct().Take(2).ToArray() is [var only] ? only : DataType.Invalid;

    /// <summary>Shape of the value where all variables have the same.</summary>
    public TensorShape Shape => variables.Select(variable => variable.Shape).Distinct().Take(2).ToArray() is [var only] ? only : TensorShape.Unknown;

    public IReadOnlyCollection<Variable> Variables => variables;

    public string Names => string.Join(", ", variables.Select(variable => $"'{variable.Name}'").Order(StringComparer.Ordinal));

    public bool Add(Variable variable) => variables.Add(variable);
}
