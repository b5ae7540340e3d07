using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>Layers one after the other that are no model.</summary>
[KerasLayer("Pipeline")]
internal sealed class PipelineLayer : Layer
{
    public PipelineLayer(LayerSource source)
        : base(source)
    {
        foreach (JsonElement serialized in Configuration.List("layers"))
            Child("_pipeline_layers", serialized);
        if (Children.Count == 0)
            throw KerasException.Configuration($"{Configuration.Owner}: layers is empty");
    }

    protected override bool ConvertsInputs => false;

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        ImmutableArray<Symbol> values = [call.Input];
        foreach (LayerChild child in Children)
            values = child.Layer.Call(call.Graph, values);
        return values;
    }
}
