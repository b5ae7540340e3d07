using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>Declares which operators a converter reads and which nodes it writes.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class OperatorConverterAttribute(params string[] operators) : Attribute
{
    /// <summary>Names such as <c>CONV_2D</c>; of custom operators <c>CUSTOM:</c> and the code.</summary>
    public string[] Operators { get; } = operators;

    /// <summary>Ops of the nodes that it writes.</summary>
    public string[] Nodes { get; init; } = [];
}

/// <summary>Translates the operators of one family. Stateless.</summary>
internal abstract class OperatorConverter
{
    /// <summary>Adds the nodes of an operator and defines its outputs.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">The operator has no counterpart.</exception>
    public virtual void Read(OperatorReader op) => throw op.Refusal("this operator is not read");

    /// <summary>Adds the operators of a node and defines its outputs.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">The node has no counterpart.</exception>
    public virtual void Write(NodeWriter node) => throw node.Decline("it is not written");
}
