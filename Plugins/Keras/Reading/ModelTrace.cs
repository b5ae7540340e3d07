using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Layers;
using TransformFramework.Keras.Models;
using TransformFramework.Keras.Operators;
using TransformFramework.ModelFiles;

namespace TransformFramework.Keras.Reading;

/// <summary>Turns a configuration and its weights into a graph.</summary>
internal sealed class ModelTrace
{
    private const string SignatureName = "serving_default";
    private const string Method = "tensorflow/serving/predict";

    private readonly CancellationToken cancellation;

    private ModelTrace(ModelLayer model, CancellationToken cancellation)
    {
        Model = model;
        this.cancellation = cancellation;
    }

    /// <summary>The model, whose weights are to be bound before <see cref="Finish"/>.</summary>
    public ModelLayer Model { get; }

    /// <summary>The layers of a configuration.</summary>
    /// <exception cref="KerasException">It is wrong or has layers that are not known.</exception>
    public static ModelTrace Of(JsonElement configuration, string version, CancellationToken cancellation)
    {
        var context = new ModelContext(version, OperationLayer.TryCreate, cancellation);
        Layer layer = context.Deserialize(configuration, "the model");
        return new(layer as ModelLayer ?? throw KerasException.Configuration($"the configuration is one of a {layer.ClassName}, not of a model"), cancellation);
    }

    /// <summary>Writes the graph and its signature.</summary>
    /// <exception cref="KerasException">Weights, shapes or options do not fit.</exception>
    public ModelContent Finish(ModelReadOptions options, string producer)
    {
        if (options.Signature is not (null or SignatureName))
            throw new KerasException(KerasDiagnostics.UnknownName, $"there is no signature '{options.Signature}': a Keras file has one, '{SignatureName}'");
        var graph = new GraphBuilder(cancellation);
        ImmutableArray<ModelInput> inputs = PublicInputs();
        ImmutableArray<Symbol> placeholders = [.. inputs.Select(input => graph.Placeholder(input.Name, input.Type, input.Shape))];
        ImmutableArray<Symbol> results = Model.Call(graph, placeholders);
        ImmutableArray<string> names = Unique(OutputNames(results.Length));
        var seen = new HashSet<string>(placeholders.Select(placeholder => placeholder.Source.Text), StringComparer.Ordinal);
        var outputs = ImmutableArray.CreateBuilder<SignatureTensor>();
        for (int i = 0; i < results.Length; i++)
        {
            Symbol result = seen.Add(results[i].Source.Text) ? results[i] : graph.Unary("Identity", results[i]);
            outputs.Add(new(names[i], result.Source.Text, result.Type, result.Shape));
        }
        ImmutableArray<SignatureTensor> public_ = [.. inputs.Select((input, i) => new SignatureTensor(input.Name, placeholders[i].Source.Text, input.Type, input.Shape))];
        var signature = new ModelSignature(SignatureName, Method, public_, outputs.ToImmutable());
        return new(graph.ToGraph()) { Signatures = [signature], ChosenSignature = SignatureName, Producer = producer };
    }

    /// <summary>The inputs under their public names: where the program gave an input none, Keras 3 calls its tensor <c>keras_tensor</c> and writes the name of the layer.</summary>
    private ImmutableArray<ModelInput> PublicInputs()
    {
        ImmutableArray<ModelInput> inputs = Model.Inputs;
        return Model.Model.Generation == 3 && inputs is [var only] && IsAutomatic(only.Name) ? [only with { Name = "keras_tensor" }] : inputs;
    }

    /// <summary>True for <c>input_layer</c>, <c>input_layer_1</c>, ….</summary>
    private static bool IsAutomatic(string name)
    {
        const string Stem = "input_layer";
        return name == Stem || (name.StartsWith(Stem + "_", StringComparison.Ordinal) && name.Length > Stem.Length + 1 && name.AsSpan(Stem.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0);
    }

    private ImmutableArray<string> OutputNames(int count)
    {
        ImmutableArray<string> names = Model.OutputNames;
        return names.Length == count ? names : [.. Enumerable.Repeat(names[0], count)];
    }

    private static ImmutableArray<string> Unique(ImmutableArray<string> names)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        return [.. names.Select(name =>
        {
            string unique = name;
            for (int i = 1; !used.Add(unique); i++)
                unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
            return unique;
        })];
    }
}
