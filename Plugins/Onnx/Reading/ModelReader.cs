using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Reading;

/// <summary>Reads a model: its inputs become placeholders, its outputs a signature.</summary>
internal static class ModelReader
{
    private const string SignatureName = "serving_default";

    /// <exception cref="ModelFormatException">The file is damaged or holds what graphs cannot say.</exception>
    public static ModelContent Read(ModelSource source, CancellationToken cancellation)
    {
        ModelSourceFile file = source.Main ?? throw OnnxDiagnostics.Broken("an ONNX model is a file");
        if (file.Length > Array.MaxLength)
            throw OnnxDiagnostics.Broken($"the file has {file.Length} bytes; ONNX files end at 2 GiB, larger weights are in files beside them");
        OnnxModel model = new ModelDecoder(new TensorDecoder(source), cancellation).Decode(file.Slice(0, (int)file.Length));
        return Convert(model, cancellation);
    }

    private static ModelContent Convert(OnnxModel model, CancellationToken cancellation)
    {
        CheckOpsets(model);
        var graph = new GraphReader(model, cancellation);
        var emitter = new NodeEmitter();
        var scope = new ReadScope(emitter, model.Opsets);
        HashSet<string> constants = [.. model.Graph.Initializers.Select(initializer => initializer.Name)];
        List<SignatureTensor> inputs = [.. model.Graph.Inputs.Where(input => !constants.Contains(input.Name)).Select(input => Input(input, scope))];
        graph.Read(model.Graph, scope);
        List<SignatureTensor> outputs = [.. model.Graph.Outputs.Select(output => Output(output, scope, inputs))];
        var nodes = emitter.Needed(outputs.Select(output => new NodeInput(output.Tensor)));
        FunctionLibrary library = Called(nodes, graph.Library);
        var signature = new ModelSignature(SignatureName, "", [.. inputs], [.. outputs]);
        return new(QuantizedLayers.Fuse(new Graph(nodes, library), emitter.Stored, [.. outputs.Select(output => output.Tensor)]))
        {
            Signatures = [signature],
            ChosenSignature = SignatureName,
            Producer = $"{model.Producer} {model.ProducerVersion}".Trim(),
        };
    }

    /// <summary>The functions that nodes call, and those that these call.</summary>
    private static FunctionLibrary Called(ImmutableArray<Node> nodes, IReadOnlyList<FunctionDefinition> library)
    {
        if (library.Count == 0)
            return FunctionLibrary.Empty;
        Dictionary<string, FunctionDefinition> byName = library.ToDictionary(function => function.Signature.Name, StringComparer.Ordinal);
        var called = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<ImmutableArray<Node>>([nodes]);
        while (open.TryPop(out var body))
        {
            foreach (string name in body.SelectMany(node => node.Attributes.Values).OfType<FunctionValue>().Select(function => function.Name))
            {
                if (called.Add(name))
                    open.Push(byName[name].Nodes);
            }
        }
        return new([.. library.Where(function => called.Contains(function.Signature.Name))]);
    }

    private static void CheckOpsets(OnnxModel model)
    {
        if (!model.Opsets.TryGetValue("", out long opset))
            model.Opsets[""] = opset = Opsets.Latest;
        if (opset > Opsets.Latest)
            throw new ModelFormatException($"the model is written in opset {opset}; opsets {Opsets.OldestRead} to {Opsets.Latest} are read") { DiagnosticId = OnnxDiagnostics.Opset.Id, Suggestion = $"Export it with opset {Opsets.Latest} or older." };
        if (opset < Opsets.OldestRead)
            throw new ModelFormatException($"the model is written in opset {opset}; opsets {Opsets.OldestRead} to {Opsets.Latest} are read") { DiagnosticId = OnnxDiagnostics.Opset.Id, Suggestion = "Export it again, or bring it to a newer opset with onnx.version_converter." };
    }

    private static SignatureTensor Input(OnnxValue input, ReadScope scope)
    {
        DataType type = ElementTypes.ToDataType(input.Type.ElementType);
        if (type == DataType.Invalid || input.Type.IsSequence || input.Type.IsOptional)
        {
            string kind = input.Type.IsSequence ? "a sequence" : input.Type.IsOptional ? "optional" : $"of type {ElementTypes.Name(input.Type.ElementType)}";
            throw new ModelFormatException($"the input '{input.Name}' is {kind}; inputs are tensors of types that graphs have") { DiagnosticId = OnnxDiagnostics.Declined.Id, Suggestion = "Export the model with plain tensors as inputs." };
        }
        string name = scope.Emitter.Fresh(input.Name);
        var node = new Node(name, "Placeholder", [], AttributeMap.Of(("dtype", type), ("shape", input.Type.Shape)));
        scope.Set(input.Name, new ReadValue(scope.Emitter, input.Name, new ValueInfo(type, input.Type.Shape), scope.Emitter.Argument(name, type, node)));
        return new(input.Name, name, type, input.Type.Shape);
    }

    private static SignatureTensor Output(OnnxValue output, ReadScope scope, List<SignatureTensor> inputs)
    {
        ReadValue value = scope.Find(output.Name) ?? throw new ModelFormatException($"the output '{output.Name}' is not computed by any node")
        { DiagnosticId = OnnxDiagnostics.Missing.Id, Suggestion = "The file is damaged or was cut wrongly; export it again." };
        if (value.Items is not null || value.Info.IsSequence)
            throw new ModelFormatException($"the output '{output.Name}' is a sequence; outputs are tensors") { DiagnosticId = OnnxDiagnostics.Declined.Id, Suggestion = "Concatenate or stack its tensors before the output." };
        NodeInput tensor = value.Tensor;
        bool hasName = tensor.Text == NodeEmitter.Clean(output.Name) && inputs.TrueForAll(input => input.Tensor != tensor.Text);
        if (!hasName && (scope.Emitter.IsFree(output.Name) || inputs.Exists(input => input.Tensor == tensor.Text)))
            tensor = scope.Emitter.Add(output.Name, "Identity", [tensor])[0];
        TensorShape shape = value.Info.Shape.IsUnknownRank ? output.Type.Shape : value.Info.Shape;
        return new(output.Name, tensor.Text, scope.Emitter.TypeOf(tensor), shape);
    }
}
