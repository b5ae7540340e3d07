using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;
using TransformFramework.Keras.Layers;

namespace TransformFramework.Keras.Models;

/// <summary>Layers one after the other.</summary>
[KerasLayer("Sequential")]
internal sealed class SequentialModel : ModelLayer
{
    public SequentialModel(LayerSource source)
        : base(source)
    {
        if (!Configuration.Has("layers"))
            throw KerasException.Configuration($"{Configuration.Owner}: layers is missing");
        foreach (JsonElement serialized in Configuration.List("layers"))
            Child("layers", Model.Deserialize(serialized, $"a layer of {Configuration.Owner}"));
        if (!Layers.Any(layer => layer is not InputLayer))
            throw KerasException.Configuration($"{Configuration.Owner} has no layers");
    }

    /// <exception cref="KerasException">Nothing states the input's shape.</exception>
    public override ImmutableArray<ModelInput> Inputs => [InputOfFirst()];

    public override ImmutableArray<string> OutputNames => [Layers.Last().Name];

    protected override bool PassesMask => false;

    private bool KnowsInput => Layers.First() is InputLayer || Layers.First().Configuration.Has("batch_input_shape");

    /// <inheritdoc/>
    public override int FirstCall(bool isOutput) => Model.Generation < 3 && KnowsInput ? 1 : 0;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        ImmutableArray<Symbol> values = [call.Input];
        if (call.Tensor("mask") is { } mask)
            values = [call.Input with { Mask = mask }];
        foreach (Layer layer in Layers)
        {
            Model.Cancellation.ThrowIfCancellationRequested();
            if (layer is not InputLayer)
                values = layer.Call(call.Graph, values);
        }
        return values;
    }

    private ModelInput InputOfFirst()
    {
        Layer first = Layers.First();
        string key = first.Configuration.Has("batch_shape") ? "batch_shape" : "batch_input_shape";
        if (first.Configuration.Has(key))
            return InputOf(first is InputLayer ? first.Name : first.Name + "_input", first.Configuration, key, "float32");
        if (Configuration.Has("build_input_shape"))
            return InputOf(first.Name + "_input", Configuration, "build_input_shape");
        if (first is ModelLayer { Inputs: [var only] })
            return only;
        throw KerasException.Configuration($"{Configuration.Owner}: no layer states the shape of its input");
    }
}
