using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Classic;

/// <summary>The nodes that stand for one float op: quantized inputs, the 8-bit op, the way back to 8 bits and to float.</summary>
internal sealed class EightBitSubgraph
{
    private const float LeastMax = 1e-6f;

    private readonly List<Node> nodes = [];
    private readonly Node node;
    private readonly bool isInLoop;
    private readonly TransformContext context;

    public EightBitSubgraph(Node node, EightBitOp op, QuantizeNodesOptions options, bool isInLoop, TransformContext context)
    {
        this.node = node;
        this.isInLoop = isInLoop;
        this.context = context;
        string eightBit = AddEightBitOp(op);
        string result = op.OutputType is null ? eightBit : AddRequantize(eightBit, options);
        nodes.Add(EightBitNodes.Dequantize(node.Name, result));
    }

    public IReadOnlyList<Node> Nodes => nodes;

    private string AddEightBitOp(EightBitOp op)
    {
        // The original takes control inputs for inputs to quantize.
        NodeInput[] inputs = context.IsVerbatim ? [.. node.Inputs] : [.. node.DataInputs];
        var values = new List<NodeInput>();
        var minima = new List<NodeInput>();
        var maxima = new List<NodeInput>();
        var together = new List<NodeInput>();
        for (int i = 0; i < inputs.Length; i++)
        {
            if (i == op.FloatInput)
            {
                values.Add(inputs[i]);
                continue;
            }
            string quantize = AddQuantize(inputs[i]);
            values.Add(EightBitNodes.Output(quantize, 0));
            minima.Add(EightBitNodes.Output(quantize, 1));
            maxima.Add(EightBitNodes.Output(quantize, 2));
            together.AddRange([minima[^1], maxima[^1]]);
        }
        var ranges = op.HasSeparateRanges ? minima.Concat(maxima) : together;
        var controls = context.IsVerbatim ? [] : node.ControlInputs;
        var eightBit = new Node(node.Name + "/eightbit", "Quantized" + node.Op, [.. values, .. ranges, .. controls], AttributeMap.Empty);
        foreach (string copied in op.Copied)
            eightBit = eightBit.With(copied, node.RequiredAttribute(copied));
        foreach (string type in op.EightBitTypes)
            eightBit = eightBit.With(type, DataType.QUInt8);
        if (op.OutputType is { } outputType)
            eightBit = eightBit.With(outputType, DataType.QInt32);
        nodes.Add(eightBit);
        return eightBit.Name;
    }

    /// <summary>Adds what finds the range of an input and quantizes it; an input read twice is quantized once, except where the original repeats it.</summary>
    private string AddQuantize(NodeInput input)
    {
        string prefix = $"{node.Name}_eightbit/{UniqueName(input)}";
        if (!context.IsVerbatim && nodes.Exists(made => made.Name == prefix + "/quantize"))
            return prefix + "/quantize";
        Node shape = Indices(prefix + "/reshape_dims", -1, input);
        Node axes = Indices(prefix + "/reduction_dims", 0, input);
        Node flat = new Node(prefix + "/reshape", "Reshape", input, shape.Name).With("T", DataType.Float);
        Node min = Reduction(prefix + "/min", "Min", flat, axes);
        Node max = Reduction(prefix + "/max", "Max", flat, axes);
        Node quantize = EightBitNodes.Quantize(prefix + "/quantize", DataType.QUInt8, input, min.Name, max.Name);
        nodes.AddRange([shape, axes, flat, min, max, quantize]);
        return quantize.Name;
    }

    private string AddRequantize(string eightBit, QuantizeNodesOptions options)
    {
        NodeInput min;
        NodeInput max;
        if (options is { FallbackMin: { } low, FallbackMax: { } high })
        {
            min = eightBit + "/fallback_min";
            max = eightBit + "/fallback_max";
            nodes.AddRange([Scalar(min.Text, low), Scalar(max.Text, high)]);
        }
        else
        {
            string range = eightBit + "/requant_range";
            nodes.Add(new Node(range, "RequantizationRange", EightBitNodes.Output(eightBit, 0), EightBitNodes.Output(eightBit, 1), EightBitNodes.Output(eightBit, 2)).With("Tinput", DataType.QInt32));
            min = EightBitNodes.Output(range, 0);
            max = context.IsVerbatim ? EightBitNodes.Output(range, 1) : AddFloor(range);
        }
        Node requantize = EightBitNodes.Requantize(eightBit + "/requantize", eightBit, min, max);
        nodes.Add(requantize);
        return requantize.Name;
    }

    /// <summary>Adds what takes zero into a range that is found in the run, and widens that of zeros alone; the op does so below only.</summary>
    private NodeInput AddFloor(string range)
    {
        Node least = Scalar(range + "/least_max", LeastMax);
        Node max = new Node(range + "/max", "Maximum", EightBitNodes.Output(range, 1), least.Name).With("T", DataType.Float);
        nodes.AddRange([least, max]);
        return EightBitNodes.Output(max.Name, 0);
    }

    /// <summary>A constant beside the node. In a loop a constant without inputs would be outside, where the nodes of the loop cannot read it.</summary>
    private Node Scalar(string name, float value) => EightBitNodes.Scalar(name, value) with { Inputs = isInLoop ? [NodeInput.Control(node.DataInputs.First().Node)] : [] };

    /// <summary>An int32 vector of one number that belongs to the loop frame of an input.</summary>
    private static Node Indices(string name, int value, NodeInput input) =>
        Node.Constant(name, Tensor.Create<int>(DataType.Int32, TensorShape.Of(1), [value])) with { Inputs = [NodeInput.Control(input.Node)] };

    private static Node Reduction(string name, string op, Node flat, Node axes) =>
        new Node(name, op, flat.Name, axes.Name).With("T", DataType.Float).With("keep_dims", false);

    private static string UniqueName(NodeInput input)
    {
        string port = input.Suffix.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"__port__{input.Suffix[1..]}");
        return (input.IsControl ? "__hat__" : "") + input.Node + port;
    }
}
