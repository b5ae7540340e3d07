using TransformFramework.Graphs;
using TransformFramework.Quantization.Static;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Equalization;

/// <summary>
/// Tensors whose channels can be divided by the same factors: what some layers write and others read, through channel-wise nodes and sums only. A pair of layers one after the other, or all blocks of
/// a residual stage.
/// </summary>
internal sealed class EqualizationGroup
{
    private const float CostlyDifference = 8;
    private const int MostExponent = 8;
    private readonly IReadOnlyList<ScaledWeights> writers;
    private readonly IReadOnlyList<ScaledWeights> readers;
    private readonly IReadOnlyList<Node> nodes;
    private readonly Dictionary<Node, ChannelBias> biases;
    private readonly float[] divisors;
    private readonly float[] moved;

    private EqualizationGroup(EqualizationGroupSearch found)
    {
        writers = found.Writers;
        readers = found.Readers;
        nodes = found.Nodes;
        biases = found.Biases;
        divisors = [.. Enumerable.Repeat(1f, Layout.OutputChannels)];
        moved = new float[divisors.Length];
    }

    /// <summary>Names of the layers that write into it.</summary>
    public IEnumerable<string> Writers => writers.Select(layer => layer.Node.Name);

    private WeightedLayer Layout => writers[0].Op;

    private bool HasRelu6 => nodes.Any(node => node.Op == "Relu6");

    /// <summary>The group that a layer writes into; null, explained, when something in it cannot be divided.</summary>
    public static EqualizationGroup? Of(Graph graph, ScaledWeights layer, IReadOnlyDictionary<string, ScaledWeights> layers, ConstantValues constants, bool throughRelu6, TransformContext context)
    {
        var search = new EqualizationGroupSearch(graph, layers, constants, throughRelu6, context);
        if (search.Run(layer) is not { } decline)
            return new(search);
        context.Explain(layer.Node.Name, decline);
        return null;
    }

    /// <summary>Equalizes both sides as they are now; true when something changed.</summary>
    public bool Balance()
    {
        float[] outputs = Largest(writers.Select(layer => layer.OutputRanges()));
        float[] inputs = Largest(readers.Select(layer => layer.InputRanges()));
        float[] factors = [.. outputs.Select((output, i) => Factor(Math.Max(output, BiasOf(i)), inputs[i]))];
        if (factors.All(factor => factor == 1) || (HasRelu6 && divisors.All(divisor => divisor == 1) && factors.Max() / factors.Min() <= CostlyDifference))
            return false;
        foreach (ScaledWeights layer in writers)
            layer.DivideOutputs(factors);
        foreach (ScaledWeights layer in readers)
            layer.MultiplyInputs(factors);
        for (int i = 0; i < factors.Length; i++)
            divisors[i] *= factors[i];
        return true;
    }

    /// <summary>Finds how much of each bias no input lets the activation cut, so that it can be added behind it.</summary>
    public void MoveBiases(Graph graph)
    {
        bool isPair = writers.Count == 1 && readers.Count == 1 && readers[0].Op.IsUnpadded && biases.Count > 0;
        bool isCut = nodes.Any(node => node.Op == "Relu") && nodes.All(node => biases.ContainsKey(node) || node.Op is "Relu" or "Identity" or "MaxPool" or "AvgPool");
        if (!isPair || !isCut || InputBounds(graph.Find(writers[0].Node.Inputs[Layout.DataInput].Node)) is not { } bounds)
            return;
        float[] least = Layout.SmallestResults(bounds.Min, bounds.Max);
        for (int i = 0; i < moved.Length; i++)
            moved[i] = Math.Max(0, (least[i] + biases.Values.Sum(bias => bias.Values[i])) / divisors[i]);
    }

    /// <summary>Puts what is between the layers into the graph.</summary>
    public void Write(InPlaceEdit edit, TransformContext context)
    {
        bool isMoved = moved.Any(bias => bias > 0);
        if (divisors.All(divisor => divisor == 1) && !isMoved)
            return;
        context.Count("channel groups equalized");
        foreach (var (node, bias) in biases)
            WriteBias(edit, node, bias.Input, [.. bias.Values.Select((value, i) => (value / divisors[i]) - (ReferenceEquals(node, biases.Keys.First()) ? moved[i] : 0))]);
        foreach (Node node in nodes.Where(node => node.Op == "Relu6"))
            Limit(edit, node);
        if (isMoved)
            AddBehind(edit, context);
    }

    private static float[] Largest(IEnumerable<float[]> ranges) => ranges.Aggregate((all, next) => [.. all.Zip(next, Math.Max)]);

    /// <summary>The biases of a channel as they are now: a channel that is mostly bias must not grow until its range is all that the others' quantized values see.</summary>
    private float BiasOf(int channel) => biases.Count == 0 ? 0 : biases.Values.Max(bias => Math.Abs(bias.Values[channel])) / divisors[channel];

    private static float Factor(float output, float input)
    {
        if (!(output > 0) || !(input > 0) || !float.IsFinite(output) || !float.IsFinite(input))
            return 1;
        double exponent = Math.Round((Math.Log2(output) - Math.Log2(input)) / 2);
        return (float)Math.ScaleB(1, (int)Math.Clamp(exponent, -MostExponent, MostExponent));
    }

    private static (float Min, float Max)? InputBounds(Node? producer) => producer?.Op switch
    {
        "Relu6" => (0, 6),
        "Sigmoid" or "Softmax" => (0, 1),
        "Tanh" => (-1, 1),
        _ => null,
    };

    private void WriteBias(InPlaceEdit edit, Node node, int input, float[] values)
    {
        TensorShape shape = node.Op == "BiasAdd" ? TensorShape.Of(values.Length) : Layout.Layout.BroadcastShape(values.Length);
        edit.ReplaceConstant(node, input, Tensor.Create<float>(DataType.Float, shape, values), "_equalized");
    }

    /// <summary>Relu6 cuts each channel at its own limit.</summary>
    private void Limit(InPlaceEdit edit, Node node)
    {
        float[] limits = [.. divisors.Select(divisor => 6 / divisor)];
        string limit = edit.FreeName(node.Name + "/limits");
        string relu = edit.FreeName(node.Name + "/Relu");
        edit.InsertBefore(node, Node.Constant(limit, Tensor.Create<float>(DataType.Float, Layout.Layout.BroadcastShape(limits.Length), limits)));
        edit.InsertBefore(node, new Node(relu, "Relu", node.Inputs[0]).With("T", DataType.Float));
        edit.Change(node, _ => new Node(node.Name, "Minimum", [relu, limit, .. node.ControlInputs]).With("T", DataType.Float) with { Device = node.Device });
    }

    /// <summary>Adds what was moved to what the reading layer makes of it.</summary>
    private void AddBehind(InPlaceEdit edit, TransformContext context)
    {
        ScaledWeights reader = readers[0];
        Node node = reader.Node;
        string products = edit.FreeName(node.Name + "/products");
        string offset = edit.FreeName(node.Name + "/offset");
        edit.Change(node, old => old with { Name = products });
        edit.InsertAfter(node, ChannelBiasAdd.Constant(offset, reader.Op.OutputsOf(reader.Scaled(), moved), reader.Op.Layout));
        edit.InsertAfter(node, ChannelBiasAdd.Node(node.Name, products, offset, reader.Op.Layout));
        context.Count("biases moved", moved.Count(bias => bias > 0));
    }
}
