using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.SavedModel.Writing;

/// <summary>The signature that a graph is written with: the model's public names where it has them, else the names of the nodes.</summary>
internal static class WrittenSignature
{
    private const string Default = "serving_default";
    private const string Predict = "tensorflow/serving/predict";

    /// <summary>The signature of the inputs and outputs that are written.</summary>
    /// <exception cref="ModelFormatException">An input or output is not in the graph, or its type is not known.</exception>
    public static ModelSignature Of(ModelContent model, ModelWriteOptions options)
    {
        ModelSignature? known = model.Signature;
        string name = options.Settings.GetValueOrDefault("signature_name") is { Length: > 0 } wanted ? wanted : Default;
        var inputs = Tensors(options.Inputs, known?.Inputs ?? [], model.Graph, known is null || options.Inputs.IsEmpty);
        var outputs = Tensors(options.Outputs, known?.Outputs ?? [], model.Graph, options.Outputs.IsEmpty);
        if (outputs.IsEmpty)
            throw SavedModelDiagnostics.Error(SavedModelDiagnostics.Unwritable, "a SavedModel needs outputs, and none are given", "Name them with --outputs.");
        string method = known?.Method is { Length: > 0 } declared && known.Inputs.Length == inputs.Length && known.Outputs.Length == outputs.Length ? declared : Predict;
        return new(name, method, inputs, outputs);
    }

    private static ImmutableArray<SignatureTensor> Tensors(ImmutableArray<string> listed, ImmutableArray<SignatureTensor> known, Graph graph, bool takesAll)
    {
        IEnumerable<string> tensors = listed.IsEmpty && takesAll ? known.Select(tensor => tensor.Tensor) : listed;
        var names = new HashSet<string>(StringComparer.Ordinal);
        return [.. tensors.Select(tensor => Tensor(tensor, known, graph, names))];
    }

    private static SignatureTensor Tensor(string tensor, ImmutableArray<SignatureTensor> known, Graph graph, HashSet<string> names)
    {
        var reference = new NodeInput(tensor);
        if (graph.Find(reference.Node) is not { } node)
            throw SavedModelDiagnostics.Error(SavedModelDiagnostics.Unwritable, $"there is no node '{reference.Node}' to be an input or output of the signature", "Name nodes of the graph with --inputs and --outputs.");
        SignatureTensor? declared = known.FirstOrDefault(candidate => new NodeInput(candidate.Tensor).Canonical == reference.Canonical && !names.Contains(candidate.Name));
        DataType type = TypeOf(graph, node, reference.Port) ?? declared?.Type
            ?? throw SavedModelDiagnostics.Error(SavedModelDiagnostics.Unwritable, $"the type of '{tensor}' ({node.Op}) is not known", "Put an Identity behind it, or cut the graph elsewhere.");
        string name = declared?.Name ?? reference.Node + (reference.Port > 0 ? reference.Suffix.Replace(':', '_') : "");
        while (!names.Add(name))
            name += "_";
        return new(name, tensor, type, ShapeOf(node, reference.Port) ?? declared?.Shape ?? TensorShape.Unknown);
    }

    private static DataType? TypeOf(Graph graph, Node node, int port)
    {
        try
        {
            return new FunctionIndex(graph.Functions).Definition(node.Op) is { } definition && OpTypes.OutputTypes(OpDefaults.Complete(node), definition) is var types && port >= 0 && port < types.Length ? types[port].Base() : null;
        }
        catch (TransformException)
        {
            return null;
        }
    }

    private static TensorShape? ShapeOf(Node node, int port)
    {
        if (node.Op.StartsWith("Placeholder", StringComparison.Ordinal) && node.Attributes.TryGetValue("shape", out var value) && value is ShapeValue shape)
            return shape.Value;
        return node.Attributes.TryGetValue("_output_shapes", out value) && value is ListValue list && port < list.Items.Length && list.Items[port] is ShapeValue inferred ? inferred.Value : null;
    }
}
