using System.Collections.Immutable;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;
using TransformFramework.Keras.Layers;

namespace TransformFramework.Keras.Operators;

/// <summary>A function called between layers: an operator of Keras 3.</summary>
internal sealed class OperationLayer(LayerSource source) : Layer(source)
{
    protected override bool ConvertsInputs => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call) => throw new NotSupportedException();

    public static bool Is(string className, string module, ConfigurationObject configuration) => false;
}
