using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Onnx.Writing;

/// <summary>Makes an ONNX model of a graph: inputs and outputs keep their public names, types and shapes.</summary>
internal static class ModelWriter
{
    private const string Producer = "TransformFramework";

    /// <param name="content">The graph, and the signature that names its tensors.</param>
    /// <param name="inputs">The graph's inputs.</param>
    /// <param name="outputs">The graph's outputs.</param>
    /// <param name="opset">Version of the operator set.</param>
    /// <param name="channelsFirst">True to have images at the inputs and outputs with channels first.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <exception cref="ModelFormatException">ONNX cannot hold something in the graph; the message names the node.</exception>
    public static OnnxModel Write(ModelContent content, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, int opset, bool channelsFirst, CancellationToken cancellation)
    {
        content = content with { Graph = ClassicFloatGraph.Of(content.Graph) };
        var context = new WriteContext(content.Graph, opset, cancellation);
        try
        {
            return Write(content, context, inputs, outputs, channelsFirst);
        }
        catch (ModelFormatException error) when (error.DiagnosticId == OnnxDiagnostics.NotWritten.Id && context.Current is { } node)
        {
            string[] cut = new CutSearch(content, inputs, outputs, opset, cancellation).Behind(node);
            string suggestion = cut.Length > 0
                ? $"Begin the model behind it: --inputs={string.Join(',', cut)}."
                : "Name outputs before it, or transform the graph so that it is gone (strip_unused_nodes, fold_constants, remove_nodes).";
            throw new ModelFormatException(error.Message, error) { DiagnosticId = error.DiagnosticId, Suggestion = suggestion };
        }
    }

    /// <summary>Writes a model; the context tells how far that came.</summary>
    /// <exception cref="ModelFormatException">ONNX cannot hold something in the graph; the message names the node.</exception>
    public static OnnxModel Write(ModelContent content, WriteContext context, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, bool channelsFirst)
    {
        var writer = new GraphWriter(context, content.Graph);
        var names = new PublicNames(content.Signature);
        foreach (string output in outputs)
        {
            context.Outputs.Add(new NodeInput(output).Canonical);
            context.Reserve(names.OfOutput(new NodeInput(output)));
        }
        foreach (string input in inputs)
            AddInput(writer, new NodeInput(input), names, channelsFirst);
        writer.Write(outputs.Select(output => new NodeInput(output)));
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (string output in outputs)
            AddOutput(writer, new NodeInput(output), names, given, channelsFirst);
        writer.CompleteNames();
        DeadNodes.Remove(writer.Target);
        NameCheck.Run(writer.Target);
        var model = new OnnxModel { IrVersion = Opsets.IrVersion(context.Opset), Producer = Producer, Graph = writer.Target, Opsets = { [""] = context.Opset } };
        if (context.UsesMicrosoftDomain)
            model.Opsets[Opsets.MicrosoftDomain] = 1;
        return model;
    }

    private static void AddInput(GraphWriter writer, NodeInput input, PublicNames names, bool channelsFirst)
    {
        Node node = writer.Graph.Find(input.Node) ?? throw new ModelFormatException($"input '{input.Text}' does not exist") { DiagnosticId = OnnxDiagnostics.Missing.Id };
        DataType type = TypeOf(node, input.Port);
        if (ElementTypes.Of(type) == 0)
            throw new ModelFormatException($"input '{input.Text}' is of type {type.Name()}, which ONNX does not have") { DiagnosticId = OnnxDiagnostics.Declined.Id };
        TensorShape shape = InputShapes.Of(writer.Context, input, node);
        if (shape.IsUnknownRank && names.ShapeOf(input) is { } signed)
            shape = signed;
        string name = names.OfInput(input);
        writer.Context.Reserve(name);
        bool isMoved = channelsFirst && shape.Rank == 4;
        TensorShape declared = isMoved ? TensorShape.Of(shape[0], shape[3], shape[1], shape[2]) : shape;
        DataType plain = ElementTypes.ToDataType(ElementTypes.Of(type));
        writer.Bind(input, new WrittenValue(new Operand(new ValueInfo(plain, declared), name), isMoved ? Layout.ChannelsFirst : Layout.Original));
        writer.Context.Operands[name] = writer[input].Operand;
        writer.Target.Inputs.Add(new(name, new OnnxType(ElementTypes.Of(type), declared)));
    }

    /// <summary>Type of a tensor that an input is.</summary>
    public static DataType TypeOf(Node node, int port)
    {
        if (node.TypeAttribute("dtype") is { } given)
            return given;
        Node complete = OpDefaults.Complete(node);
        if (OpTable.Find(node.Op) is not { } definition)
            return DataType.Float;
        var types = OpTypes.OutputTypes(complete, definition);
        return port < types.Length ? types[port] : DataType.Float;
    }

    /// <param name="writer">The graph.</param>
    /// <param name="output">The tensor.</param>
    /// <param name="names">Public names.</param>
    /// <param name="given">Names of the outputs so far.</param>
    /// <param name="channelsFirst">Whether images have their channels first.</param>
    private static void AddOutput(GraphWriter writer, NodeInput output, PublicNames names, HashSet<string> given, bool channelsFirst)
    {
        string name = names.OfOutput(output);
        WrittenValue value = writer[output];
        Layout layout = channelsFirst && value.Info.Rank == 4 && value.Native == Layout.ChannelsFirst ? Layout.ChannelsFirst : Layout.Original;
        Operand result = writer.Read(output, layout);
        bool isInput = writer.Target.Inputs.Exists(input => input.Name == name);
        if (isInput && result.Name == name)
        {
            given.Add(name);
            writer.Target.Outputs.Add(new(name, new OnnxType(ElementTypes.Of(result.Info.Type), result.Info.Shape)));
            return;
        }
        if (isInput)
            name = writer.Context.Fresh($"{name}/output");
        bool isRenamed = writer.Computes(result) && !given.Contains(result.Name!);
        if (isRenamed)
            writer.Rename(result.Name!, name);
        else
            writer.AddCopy(result, name);
        given.Add(name);
        writer.Target.Outputs.Add(new(name, new OnnxType(ElementTypes.Of(result.Info.Type), result.Info.Shape)));
    }
}
