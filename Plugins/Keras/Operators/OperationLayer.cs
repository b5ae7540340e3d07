using System.Collections.Immutable;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;
using TransformFramework.Keras.Layers;

namespace TransformFramework.Keras.Operators;

/// <summary>A function called between layers: an operator of Keras 3, which the file lists among the layers.</summary>
internal sealed class OperationLayer(LayerSource source) : Layer(source)
{
    protected override bool ConvertsInputs => false;

    protected override bool PassesMask => false;

    /// <summary>The layer of an entry that is an operator, by its module or, in files without modules, by what its configuration lacks; null for any other entry.</summary>
    public static OperationLayer? TryCreate(LayerSource source, string module)
    {
        bool isOperator = module.Length > 0
            ? module.Contains(".ops", StringComparison.Ordinal)
            : OperatorRegistry.Knows(source.ClassName) && !source.Configuration.Has("trainable") && !source.Configuration.Has("dtype");
        return isOperator ? new(source) : null;
    }

    protected override ImmutableArray<Symbol> Compute(LayerCall call) =>
        OperatorRegistry.Find(ClassName, Configuration.Owner)(new(call.Graph, call.Arguments, Configuration, Model.Generation));
}

/// <summary>A TensorFlow function called between layers, as Keras 2 writes it.</summary>
[KerasLayer("TFOpLambda", "SlicingOpLambda")]
internal sealed class FunctionLayer(LayerSource source) : Layer(source)
{
    protected override bool ConvertsInputs => false;

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        string function = Configuration.Text("function", "__operators__.getitem");
        return OperatorRegistry.Find(function, $"{Configuration.Owner}, function '{function}'")(new(call.Graph, call.Arguments, new(EmptyObject.Value, Configuration.Owner), Model.Generation));
    }
}

/// <summary>An object without keys.</summary>
internal static class EmptyObject
{
    public static readonly System.Text.Json.JsonElement Value = JsonText.Parse("{}", "nothing");
}
