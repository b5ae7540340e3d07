using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.TfLite.Writing;

/// <summary>Makes the model of a graph: lowers its nodes, joins operators, and gives the ends their types.</summary>
internal static class GraphWriter
{
    /// <param name="content">The graph and its signature.</param>
    /// <param name="convert">Adds the operators of a node and defines its outputs.</param>
    /// <param name="options">Inputs, outputs and settings.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <exception cref="ModelFormatException">Something in the graph has no counterpart; the message names the node.</exception>
    public static TfLiteModel Write(ModelContent content, Action<NodeWriter> convert, ModelWriteOptions options, CancellationToken cancellation)
    {
        Graph graph = content.Graph;
        ImmutableArray<SignatureTensor> signatureInputs = content.Signature?.Inputs ?? [];
        ImmutableArray<SignatureTensor> signatureOutputs = content.Signature?.Outputs ?? [];
        string[] inputs = [.. options.Inputs.IsEmpty ? signatureInputs.IsEmpty ? graph.Nodes.Where(node => node.Op == "Placeholder").Select(node => node.Name) : signatureInputs.Select(input => input.Tensor) : options.Inputs];
        string[] outputs = [.. options.Outputs.IsEmpty ? signatureOutputs.IsEmpty ? Unread(graph) : signatureOutputs.Select(output => output.Tensor) : options.Outputs];
        var model = new ModelWriter(graph, convert, cancellation);
        var main = new SubgraphDraft("main");
        model.Subgraphs.Add(main);
        var writer = new SubgraphWriter(model, graph, main);
        foreach (string input in inputs)
            writer.Input(input, Input(graph, input, signatureInputs));
        TensorDraft[] results = writer.Run([.. outputs.Select(output => new NodeInput(output))], cancellation);
        var given = new HashSet<TensorDraft>();
        for (int i = 0; i < outputs.Length; i++)
            AddOutput(main, results[i], outputs[i], given);
        foreach (SubgraphDraft subgraph in model.Subgraphs)
        {
            MatrixFusion.Run(subgraph);
            FloatFusion.Run(subgraph);
            IntegerFusion.Run(subgraph);
            GroupFusion.Run(subgraph);
            WideFusion.Run(subgraph);
            HybridFusion.Run(subgraph, model);
        }
        if (Setting(options, "ends", "") is { Length: > 0 } ends)
        {
            GraphEnds.Set(main, ends);
            IntegerFusion.Run(main);
        }
        if (Setting(options, "weights", "") == "float16")
            HalfWeights.Run(model.Subgraphs);
        foreach (SubgraphDraft subgraph in model.Subgraphs)
            LayerBiases.Complete(subgraph);
        return ModelAssembly.Build(model.Subgraphs, content.ChosenSignature ?? "serving_default", PublicNames(inputs, signatureInputs), PublicNames(outputs, signatureOutputs));
    }

    /// <summary>A setting, checked against its values.</summary>
    public static string Setting(ModelWriteOptions options, string name, string otherwise)
    {
        string value = options.Settings.GetValueOrDefault(name, otherwise);
        string[]? allowed = name switch
        {
            "ends" => ["", "int8", "uint8", "float"],
            "weights" => ["", "float", "float16"],
            _ => null,
        };
        return allowed is null || allowed.Contains(value) ? value
            : throw new ModelFormatException($"--{name}={value} is unknown") { DiagnosticId = TfLiteDiagnostics.InvalidOption.Id, Suggestion = $"Use one of {string.Join(", ", allowed.Skip(1))}." };
    }

    private static IEnumerable<string> Unread(Graph graph) =>
        graph.Nodes.Where(node => graph.ConsumersOf(node).IsEmpty && node.Op is not ("Const" or "Placeholder" or "NoOp")).Select(node => node.Name);

    private static string[] PublicNames(string[] tensors, ImmutableArray<SignatureTensor> signature) =>
        [.. tensors.Select(tensor => signature.FirstOrDefault(entry => new NodeInput(entry.Tensor).Canonical == new NodeInput(tensor).Canonical)?.Name ?? tensor)];

    private static TensorDraft Input(Graph graph, string reference, ImmutableArray<SignatureTensor> signature)
    {
        var input = new NodeInput(reference);
        Node node = graph.Find(input.Node) ?? throw new ModelFormatException($"input '{reference}' does not exist") { DiagnosticId = TfLiteDiagnostics.UnknownTensor.Id };
        SignatureTensor? declared = signature.FirstOrDefault(entry => new NodeInput(entry.Tensor).Canonical == input.Canonical);
        DataType type = node.TypeAttribute("dtype") ?? declared?.Type ?? OutputType(node, input.Port);
        TensorShape shape = node.Attributes.TryGetValue("shape", out var value) && value is ShapeValue given && !given.Value.IsUnknownRank ? given.Value : declared?.Shape ?? TensorShape.Unknown;
        if (shape.IsUnknownRank)
            throw TfLiteDiagnostics.Unwritable($"input '{reference}' has no shape", "Give it one: set the placeholder's attribute 'shape', -1 for a free batch.");
        TensorType file = TensorTypes.FromGraph(type) ?? throw TfLiteDiagnostics.Unwritable($"input '{reference}' is of {type.Name()}, which has no counterpart");
        if (shape.Dimensions.Any(size => size > int.MaxValue))
            throw TfLiteDiagnostics.Unwritable($"input '{reference}' has shape {shape}, whose dimensions go beyond 32 bits");
        return new(node.Name, file) { Shapes = [Shape(shape, 1), Shape(shape, 2)] };
    }

    private static DataType OutputType(Node node, int port)
    {
        ImmutableArray<DataType> types = OpTable.Find(node.Op) is { } definition ? OpTypes.OutputTypes(OpDefaults.Complete(node), definition) : [];
        return port < types.Length ? types[port] : DataType.Float;
    }

    private static int[] Shape(TensorShape shape, int free) => [.. shape.Dimensions.Select(size => size < 0 ? free : checked((int)size))];

    private static void AddOutput(SubgraphDraft main, TensorDraft result, string name, HashSet<TensorDraft> given)
    {
        var reference = new NodeInput(name);
        name = NodeInput.Data(reference.Node, reference.Port).Text;
        if (result.Constant is not null)
            result = TensorDraft.Of(result.Name, result.Constant, result.Quantization);
        if ((result.IsInput || given.Contains(result)) && result.Name != name)
            result = Copy(main, result);
        if (!result.IsInput && given.Add(result))
            result.Name = name;
        main.Outputs.Add(result);
    }

    /// <summary>The same elements as a tensor of its own, which has a name of its own.</summary>
    public static TensorDraft Copy(SubgraphDraft main, TensorDraft tensor)
    {
        var result = new TensorDraft(tensor.Name + "/copy", tensor.Type) { Shapes = tensor.Shapes, Quantization = tensor.Quantization };
        OperatorSchema schema = OperatorSchema.Of(tensor.Rank == 0 ? "RESHAPE" : "SLICE");
        TensorDraft Integers(string name, int value) => TensorDraft.Of(name, Tensor.Create<int>(DataType.Int32, TensorShape.Of(tensor.Rank), [.. Enumerable.Repeat(value, tensor.Rank)]));
        List<TensorDraft?> inputs = tensor.Rank == 0 ? [tensor, Integers("scalar", 0)] : [tensor, Integers("begin", 0), Integers("size", -1)];
        main.Operators.Add(new(schema, inputs, [result], OptionValues.Defaults(schema)));
        return result;
    }

    private static class HalfWeights
    {
        /// <summary>Stores float constants of layers in half precision, each with a DEQUANTIZE.</summary>
        public static void Run(IEnumerable<SubgraphDraft> subgraphs)
        {
            foreach (SubgraphDraft graph in subgraphs)
                Convert(graph);
        }

        private static void Convert(SubgraphDraft graph)
        {
            OperatorSchema schema = OperatorSchema.Of("DEQUANTIZE");
            var converted = new Dictionary<TensorDraft, TensorDraft>();
            foreach (OperatorDraft op in graph.Operators.ToArray())
            {
                for (int i = 0; i < op.Inputs.Count; i++)
                {
                    if (op.Inputs[i] is not { Constant: { Type: DataType.Float, ElementCount: > 1 } constant } tensor)
                        continue;
                    if (!converted.TryGetValue(tensor, out TensorDraft? real))
                    {
                        Half[] halves = Array.ConvertAll(constant.AsSpan<float>().ToArray(), value => (Half)value);
                        if (halves.Any(value => !Half.IsFinite(value)))
                            continue;
                        TensorDraft half = TensorDraft.Of(tensor.Name, Tensor.Create<Half>(DataType.Half, constant.Shape, halves));
                        converted[tensor] = real = new(tensor.Name + "/real", TensorType.Float32) { Shapes = tensor.Shapes };
                        graph.Operators.AddFirst(new(schema, [half], [real], OptionValues.Defaults(schema)));
                    }
                    op.Inputs[i] = real;
                }
            }
        }
    }
}
