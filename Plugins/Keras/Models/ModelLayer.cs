using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;
using TransformFramework.Keras.Layers;

namespace TransformFramework.Keras.Models;

/// <summary>An input of a model.</summary>
/// <param name="Name">The public name: that of its input layer.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Shape with the batch axis.</param>
internal sealed record ModelInput(string Name, DataType Type, TensorShape Shape);

/// <summary>A model, which is a layer of layers.</summary>
internal abstract class ModelLayer(LayerSource source) : Layer(source)
{
    /// <summary>The inputs in the order of the model.</summary>
    public abstract ImmutableArray<ModelInput> Inputs { get; }

    /// <summary>Public names of the outputs that the last call gave, one each, perhaps repeated.</summary>
    public abstract ImmutableArray<string> OutputNames { get; }

    /// <summary>
    /// Number of the first call that a model around it lists: up to Keras 2 a model that knows its inputs counts its own making as call 0; Keras 3 does so only where it names a Functional model's outputs as its own.
    /// </summary>
    /// <param name="isOutput">True for a reference in <c>output_layers</c>.</param>
    public abstract int FirstCall(bool isOutput);

    /// <summary>The layers in the order of the configuration, each once.</summary>
    public IEnumerable<Layer> Layers => Children.Select(child => child.Layer);

    protected override bool ConvertsInputs => false;

    /// <summary>Type and shape of an <c>InputLayer</c>, or of the first layer of a Sequential.</summary>
    protected static ModelInput InputOf(string name, ConfigurationObject configuration, string shapeKey, string fallbackType = "float32") =>
        new(name, TypePolicy.TypeOf(TypeName(configuration, fallbackType), configuration.Owner), TensorShape.Of(configuration.Shape(shapeKey)));

    private static string TypeName(ConfigurationObject configuration, string fallback) =>
        configuration.Find("dtype") is { ValueKind: System.Text.Json.JsonValueKind.String } name ? name.GetString()! : fallback;
}

/// <summary>The place of an input.</summary>
[KerasLayer("InputLayer")]
internal sealed class InputLayer(LayerSource source) : Layer(source)
{
    protected override bool ConvertsInputs => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call) => [call.Input];
}
