using TransformFramework.Cpu.Kernels;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Cpu.Analysis;

/// <summary>Shapes of every tensor of a graph as far as placeholders, constants and the kernels' shape rules tell. Small constants are evaluated on the way, for reshapes to computed shapes.</summary>
internal sealed class ShapeInferencePass
{
    private const int EvaluatedElements = 1024;

    private readonly Dictionary<string, TensorShape[]> shapes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor[]> values = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, IKernel> kernels;

    private ShapeInferencePass(IReadOnlyDictionary<string, IKernel> kernels) => this.kernels = kernels;

    /// <summary>Output shapes by node name.</summary>
    /// <exception cref="ExecutionException">InvalidArgument: the shapes of a node's inputs do not fit its op.</exception>
    public static IReadOnlyDictionary<string, TensorShape[]> Run(Graph graph, IReadOnlyDictionary<string, IKernel> kernels)
    {
        var analysis = new ShapeInferencePass(kernels);
        foreach (Node node in ExecutionOrder.Sort(graph).Nodes)
            analysis.shapes[node.Name] = DeclaredShapes.Refine(node, analysis.OutputShapes(node));
        return analysis.shapes;
    }

    private TensorShape[] OutputShapes(Node node)
    {
        switch (node.Op)
        {
            case "Const":
                if (node.TensorAttribute("value") is not { IsDecodable: true } value)
                    return [TensorShape.Unknown];
                values[node.Name] = [value];
                return [value.Shape];
            case "Placeholder" or "PlaceholderV2" or "PlaceholderWithDefault":
                return [PlaceholderShape(node)];
            case "Switch" or "RefSwitch":
                TensorShape passed = Input(node, 0);
                return [passed, passed];
            case "Merge" or "RefMerge":
                return [MergedShape(node), TensorShape.Scalar];
            case "Enter" or "RefEnter":
                return [node.Bool("is_constant", otherwise: false) ? Input(node, 0) : TensorShape.Unknown];
            case "Exit" or "RefExit" or "NextIteration" or "RefNextIteration":
                return [TensorShape.Unknown];
            default:
                return KernelShapes(node);
        }
    }

    private TensorShape[] KernelShapes(Node node)
    {
        if ((kernels.GetValueOrDefault(node.Op) ?? KernelRegistry.Find(node.Op)) is not { } kernel)
            return [];
        Node complete = OpDefaults.Complete(node);
        var declared = DeclaredInputs.Of(complete, kernel);
        NodeInput[] inputs = [.. node.DataInputs];
        declared.CheckCount(complete, inputs.Length);
        var known = new ShapeInference(complete, [.. inputs.Select(ShapeOf)], [.. inputs.Select(ValueOf)]);
        try
        {
            TensorShape[] result = KernelRun.InferShapes(kernel, declared, known);
            Evaluate(kernel, declared, known, result);
            return result;
        }
        catch (ExecutionException error) when (error.Kind == StatusKind.InvalidArgument)
        {
            throw new ExecutionException(error.Kind, $"{error.Message} for '{node.Name}' (op: '{node.Op}')", node.Name, error);
        }
        catch (ExecutionException)
        {
            return [];
        }
    }

    private void Evaluate(IKernel kernel, DeclaredInputs declared, ShapeInference known, TensorShape[] result)
    {
        Node node = known.Node;
        if (node.Op is "Shape" && known.Shapes[0].IsFullyKnown)
        {
            values[node.Name] = [Integers.Write(node.TypeAttribute("out_type") ?? DataType.Int32, TensorShape.Of(known.Shapes[0].Rank), known.Shapes[0].Dimensions.AsSpan())];
            return;
        }
        bool isConstant = known.Constants.Count > 0 && known.Constants.All(value => value is { ElementCount: <= EvaluatedElements });
        if (!isConstant || OpTable.Find(node.Op) is not { IsStateful: false } definition || definition.Outputs.Any(output => output.Type is DataType.Variant or DataType.Resource) || !result.All(shape => shape.IsFullyKnown && shape.ElementCount <= EvaluatedElements))
            return;
        try
        {
            values[node.Name] = KernelRun.Compute(kernel, node, declared, known.Constants!, new RunState(), CancellationToken.None);
        }
        catch (ExecutionException)
        {
            // A constant that cannot be computed is no error here; it is one when the node runs.
            values.Remove(node.Name);
        }
    }

    private static TensorShape PlaceholderShape(Node node)
    {
        TensorShape declared = node.Shape("shape", TensorShape.Unknown);
        return declared.Rank > 0 ? declared : TensorShape.Unknown;
    }

    private TensorShape MergedShape(Node node)
    {
        TensorShape[] inputs = [.. node.DataInputs.Select(ShapeOf)];
        return inputs.Length > 0 && inputs.All(shape => shape.IsFullyKnown && shape.Dimensions.SequenceEqual(inputs[0].Dimensions)) ? inputs[0] : TensorShape.Unknown;
    }

    private TensorShape Input(Node node, int index) => node.DataInputs.ElementAtOrDefault(index) is { Text: not null } input ? ShapeOf(input) : TensorShape.Unknown;

    private TensorShape ShapeOf(NodeInput input) =>
        input.Port >= 0 && shapes.TryGetValue(input.Node, out var known) && input.Port < known.Length ? known[input.Port] : TensorShape.Unknown;

    private Tensor? ValueOf(NodeInput input) =>
        input.Port >= 0 && values.TryGetValue(input.Node, out var known) && input.Port < known.Length ? known[input.Port] : null;
}
