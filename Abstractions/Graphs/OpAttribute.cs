namespace TransformFramework.Graphs;

/// <summary>
/// Declares an op that a plugin brings, in the grammar of the op table: <c>NAME(input: type, …) -> (output: type, …) {attribute: kind [{allowed}] [>= minimum] [= default]; …} flags</c>.
/// A type is one of TensorFlow's, an attribute of kind <c>type</c>, <c>list(attribute)</c>, or <c>count*type</c>; flags are <c>stateful</c>, <c>commutative</c>, <c>aggregate</c>, <c>uninitialized</c>.
/// </summary>
/// <remarks>
/// Nodes of a declared op get the defaults of the attributes that they lack, their inputs are checked, and what reads them is planned as after an op of TensorFlow.
/// <code>[Op("ClippedRelu(x: T) -> (y: T) {T: type {half, float} = float; limit: float}")]</code>
/// </remarks>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class OpAttribute(string declaration) : Attribute
{
    public string Declaration { get; } = declaration;
}
