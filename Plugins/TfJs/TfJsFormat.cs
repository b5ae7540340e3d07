using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.WeightManifests;

namespace TransformFramework.TfJs;

/// <summary>Reads graph models of TensorFlow.js: <c>model.json</c> with a graph, weights in shards beside it. Ops that the converter fused become the ops that TensorFlow writes.</summary>
[ModelFormat("tfjs", ".json")]
public sealed class TfJsFormat : IModelSourceReader
{
    private const string DefaultSignature = "serving_default";

    /// <inheritdoc/>
    public bool Recognizes(ModelSource source) => TfJsFile.KindOf(source) == TfJsKind.Graph;

    /// <inheritdoc/>
    public ModelContent Read(ModelSource source, ModelReadOptions options, CancellationToken cancellation)
    {
        try
        {
            ModelSourceFile file = TfJsFile.Find(source) ?? throw TfJsDiagnostics.Malformed("the folder has no model.json");
            return Read(TfJsFile.Parse(file), source, options, cancellation);
        }
        catch (ModelFormatException error) when (!error.Message.Contains(source.Path, StringComparison.Ordinal))
        {
            throw new ModelFormatException($"'{source.Path}': {error.Message}", error) { DiagnosticId = error.DiagnosticId, Suggestion = error.Suggestion };
        }
    }

    private static ModelContent Read(JsonElement model, ModelSource source, ModelReadOptions options, CancellationToken cancellation)
    {
        if (options.Signature is not (null or DefaultSignature))
            throw new ModelFormatException($"there is no signature '{options.Signature}': a TensorFlow.js model has one, '{DefaultSignature}'") { DiagnosticId = TfJsDiagnostics.UnknownName.Id };
        if (model.TryGetProperty("modelInitializer", out JsonElement initializer) && initializer.ValueKind == JsonValueKind.Object)
            throw new ModelFormatException("the model has an initializer (hash tables), which is not read") { DiagnosticId = TfJsDiagnostics.Unsupported.Id, Suggestion = "Read the SavedModel that it was converted from." };
        if (!model.TryGetProperty("modelTopology", out JsonElement topology) || topology.ValueKind != JsonValueKind.Object)
            throw TfJsDiagnostics.Malformed("modelTopology is missing");
        Graph graph = JsonGraph.Read(topology, cancellation);
        IReadOnlyDictionary<string, Tensor> weights = WeightManifest.Parse(model, "").Read(source, cancellation);
        graph = FusedOps.Split(Fill(graph, weights));
        ModelSignature signature = SignatureOf(model, graph);
        return new(graph) { Signatures = [signature], ChosenSignature = signature.Name, Producer = Text(model, "convertedBy") };
    }

    /// <summary>The graph with its weights. The converter gives constants of functions names with the function's before theirs, so that one manifest holds all.</summary>
    private static Graph Fill(Graph graph, IReadOnlyDictionary<string, Tensor> weights) =>
        new(Filled(graph.Nodes, weights), graph.Functions with { Functions = [.. graph.Functions.Functions.Select(function => function with { Nodes = Filled(function.Nodes, weights) })] }, graph.Versions);

    private static ImmutableArray<Node> Filled(ImmutableArray<Node> nodes, IReadOnlyDictionary<string, Tensor> weights) => [.. nodes.Select(node => node.Op == "Const" ? Filled(node, weights) : node)];

    private static Node Filled(Node node, IReadOnlyDictionary<string, Tensor> weights)
    {
        if (!weights.TryGetValue(node.Name, out Tensor? value))
            return node.TensorAttribute("value") is { IsDecodable: true } inline && (inline.ElementCount == 0 || !inline.StoredBytes.IsEmpty || !inline.StoredStrings.IsEmpty)
                ? node
                : throw new ModelFormatException($"node '{node.Name}' is a constant, weightsManifest has no weight of that name") { DiagnosticId = TfJsDiagnostics.BadWeight.Id };
        DataType type = node.TypeAttribute("dtype") ?? value.Type;
        return Node.Constant(node.Name, Convert(value, type, node.Name));
    }

    /// <summary>The value in the node's type: TensorFlow.js keeps whole numbers in 32 bits and other floats as float32.</summary>
    private static Tensor Convert(Tensor value, DataType type, string name)
    {
        if (value.Type == type)
            return value;
        return (value.Type, type) switch
        {
            (DataType.Int32, DataType.Int64) => Tensor.Create<long>(type, value.Shape, [.. value.AsSpan<int>().ToArray().Select(element => (long)element)]),
            (DataType.Float, DataType.Double) => Tensor.Create<double>(type, value.Shape, [.. value.AsSpan<float>().ToArray().Select(element => (double)element)]),
            (DataType.Float, DataType.Half) => Tensor.Create<Half>(type, value.Shape, [.. value.AsSpan<float>().ToArray().Select(element => (Half)element)]),
            (DataType.Int32, DataType.UInt8) => Tensor.Create<byte>(type, value.Shape, [.. value.AsSpan<int>().ToArray().Select(element => (byte)element)]),
            _ => throw new ModelFormatException($"node '{name}' is {type.Name()}, its weight {value.Type.Name()}") { DiagnosticId = TfJsDiagnostics.BadWeight.Id },
        };
    }

    private static ModelSignature SignatureOf(JsonElement model, Graph graph)
    {
        JsonElement? declared = Signature(model, "signature") ?? (model.TryGetProperty("userDefinedMetadata", out JsonElement metadata) ? Signature(metadata, "signature") : null);
        ImmutableArray<SignatureTensor> inputs = declared is { } given ? Tensors(given, "inputs", graph) : [];
        ImmutableArray<SignatureTensor> outputs = declared is { } again ? Tensors(again, "outputs", graph) : [];
        if (inputs.IsEmpty)
            inputs = [.. graph.Nodes.Where(node => node.Op is "Placeholder" or "PlaceholderWithDefault").Select(node => new SignatureTensor(node.Name, node.Name, node.TypeAttribute("dtype") ?? DataType.Float, ShapeOf(node)))];
        if (outputs.IsEmpty)
            outputs = [.. graph.Nodes.Where(node => node.Op != "Const" && graph.ConsumersOf(node).IsEmpty).Select(node => new SignatureTensor(node.Name, node.Name, node.TypeAttribute("T") ?? DataType.Invalid, TensorShape.Unknown))];
        return new(DefaultSignature, "tensorflow/serving/predict", inputs, outputs);
    }

    private static JsonElement? Signature(JsonElement owner, string key) => owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static ImmutableArray<SignatureTensor> Tensors(JsonElement signature, string key, Graph graph)
    {
        if (Signature(signature, key) is not { } entries)
            return [];
        var tensors = ImmutableArray.CreateBuilder<SignatureTensor>();
        foreach (JsonProperty entry in entries.EnumerateObject())
        {
            string tensor = Text(entry.Value, "name") is { Length: > 0 } name ? name : entry.Name;
            NodeInput source = NodeInput.Data(new NodeInput(tensor).Node, Math.Max(0, new NodeInput(tensor).Port));
            if (graph.Find(source.Node) is null)
                throw new ModelFormatException($"the signature names the tensor '{tensor}', which the graph does not have") { DiagnosticId = TfJsDiagnostics.UnknownName.Id };
            string publicName = entry.Name.EndsWith(":0", StringComparison.Ordinal) ? entry.Name[..^2] : entry.Name;
            if (entry.Value.ValueKind != JsonValueKind.Object)
                throw TfJsDiagnostics.Malformed($"the signature of '{entry.Name}' is not an object");
            DataType type = entry.Value.TryGetProperty("dtype", out JsonElement dtype) ? JsonAttributes.TypeOf(dtype) : DataType.Invalid;
            TensorShape shape = entry.Value.TryGetProperty("tensorShape", out JsonElement given) ? JsonAttributes.ShapeOf(given) : TensorShape.Unknown;
            tensors.Add(new(publicName, source.Text, type, shape));
        }
        return tensors.ToImmutable();
    }

    private static TensorShape ShapeOf(Node node) => node.Shape("shape", TensorShape.Unknown);

    private static string Text(JsonElement owner, string key) => owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
