using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;

namespace TransformFramework.Keras.Layers;

/// <summary>One call of a layer.</summary>
/// <param name="Graph">Where its nodes go.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Arguments">What it is called with.</param>
internal sealed record LayerCall(GraphBuilder Graph, Layer Layer, CallArguments Arguments)
{
    /// <summary>The tensors of the positional arguments, lists flattened.</summary>
    public ImmutableArray<Symbol> Inputs => [.. Arguments.Positional.SelectMany(argument => argument.Tensors())];

    /// <summary>The first tensor.</summary>
    /// <exception cref="KerasException">The call has none.</exception>
    public Symbol Input => Inputs is [var first, ..] ? first : throw KerasException.Configuration("it is called without a tensor");

    /// <summary>A keyword argument that is a tensor, or null.</summary>
    public Symbol? Tensor(string name) => Arguments.Named.TryGetValue(name, out Argument? argument) && argument is TensorArgument tensor ? tensor.Value : null;

    /// <summary>A keyword argument that is true or false.</summary>
    public bool Flag(string name) => Arguments.Named.TryGetValue(name, out Argument? argument) && argument is ValueArgument { Value.ValueKind: JsonValueKind.True };

    /// <summary>The mask of the call: the keyword argument, else what travels with the first input.</summary>
    public Symbol? Mask => Tensor("mask") ?? (Inputs.IsEmpty ? null : Inputs[0].Mask);

    /// <summary>A weight as a constant of the graph in the type that the layer computes in.</summary>
    /// <param name="variable">The weight.</param>
    /// <param name="name">Name of its node in the layer's scope.</param>
    /// <param name="shape">The shape that the configuration and the inputs ask for; -1 is any.</param>
    /// <exception cref="KerasException">The file has none, or of another shape.</exception>
    public Symbol Read(Variable variable, string name, params ReadOnlySpan<long> shape) => Read(variable, name, ComputeType, shape);

    /// <summary>A weight as a constant of the graph in a given type.</summary>
    public Symbol Read(Variable variable, string name, DataType type, params ReadOnlySpan<long> shape)
    {
        Tensor value = Check(variable, shape);
        return variable.Symbol is { } known && known.Type == type ? known : variable.Symbol = Graph.Root.Constant(name, Tensors.Convert(value, type));
    }

    /// <summary>A weight as a constant with one more axis of length 1, as one-dimensional convolutions need it.</summary>
    public Symbol ReadExpanded(Variable variable, string name, int axis, params ReadOnlySpan<long> shape)
    {
        Tensor value = Tensors.Convert(Check(variable, shape), ComputeType);
        return variable.Symbol ??= Graph.Root.Constant(name, Graphs.Tensor.FromContent(value.Type, value.Shape.Insert(axis, 1), value.Bytes));
    }

    /// <summary>The value of a weight, which has a shape; -1 is any size.</summary>
    /// <exception cref="KerasException">The file has none, or of another shape.</exception>
    public static Tensor Check(Variable variable, ReadOnlySpan<long> shape)
    {
        Tensor value = variable.Value ?? throw KerasException.Weight($"its {variable.Name} is not in the file");
        bool fits = value.Shape.Rank == shape.Length;
        for (int i = 0; fits && i < shape.Length; i++)
            fits = shape[i] < 0 || value.Shape[i] == shape[i];
        return fits ? value : throw KerasException.Weight($"its {variable.Name} has the shape {value.Shape}, the configuration needs {TensorShape.Of(shape)}");
    }

    /// <summary>The type that the layer computes in.</summary>
    public DataType ComputeType { get; init; } = TypePolicy.Of(Layer.Configuration).Compute;
}
