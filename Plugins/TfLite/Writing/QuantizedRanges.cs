using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>
/// Scales and zero points of a graph's quint8 and qint8 tensors, from the constant ranges of what makes and what reads them. A fused op knows a range from zero on only; the MIN_FIRST
/// conversions around it say where zero is.
/// </summary>
internal sealed class QuantizedRanges
{
    private const int UnsignedLevels = 255;
    private const int SignedLevels = 127;
    private const int WideLevels = 32767;

    private readonly Dictionary<string, (float Scale, int Zero)> ranges = new(StringComparer.Ordinal);
    private readonly Graph graph;

    private QuantizedRanges(Graph graph) => this.graph = graph;

    /// <summary>Finds the ranges of a graph.</summary>
    public static QuantizedRanges Of(Graph graph)
    {
        var found = new QuantizedRanges(graph);
        foreach (Node node in graph.Nodes.Where(node => node.Op is "QuantizeV2" or "Dequantize"))
            found.AddConversion(node);
        foreach (Node node in graph.Nodes.Where(node => node.Op == "Bitcast"))
            found.AddEnd(node);
        found.Propagate();
        foreach (Node node in graph.Nodes)
            found.AddFused(node);
        found.Propagate();
        foreach (Node node in graph.Nodes)
            found.AddFusedInput(node);
        found.Propagate();
        return found;
    }

    /// <summary>Scale and zero point of a tensor as int8, or null when no constant range says it.</summary>
    public TfLiteQuantization? Find(NodeInput reference, DataType type) =>
        ranges.TryGetValue(reference.Canonical, out var range) ? new([range.Scale], [type == DataType.QUInt8 ? range.Zero - 128 : 0], 0) : null;

    /// <summary>The value of zero among a tensor's quint8 values; 0 for qint8.</summary>
    public int Zero(NodeInput reference) => ranges.GetValueOrDefault(reference.Canonical).Zero;

    /// <summary>The largest magnitude of a constant range, for each channel.</summary>
    public float[]? Ends(NodeInput min, NodeInput max) => Values(min) is { } least && Values(max) is { } most && least.Length == most.Length
        ? [.. least.Zip(most, (one, other) => Math.Max(Math.Abs(one), Math.Abs(other)))] : null;

    /// <summary>The floats of a constant, through Identity and Neg.</summary>
    public float[]? Values(NodeInput input) => graph.Find(input.Node) switch
    {
        { Op: "Const" } node when node.TensorAttribute("value") is { Type: DataType.Float, IsDecodable: true } value => value.AsSpan<float>().ToArray(),
        { Op: "Identity" } node => Values(node.Inputs[0]),
        { Op: "Neg" } node when Values(node.Inputs[0]) is { } values => [.. values.Select(value => -value)],
        _ => null,
    };

    private void AddConversion(Node node)
    {
        bool isQuantize = node.Op == "QuantizeV2";
        NodeInput quantized = isQuantize ? NodeInput.Data(node.Name) : node.Inputs[0];
        if (Values(node.Inputs[1]) is not [var min] || Values(node.Inputs[2]) is not [var max] || node.TypeAttribute("T") is not (DataType.QUInt8 or DataType.QInt8 or DataType.QInt16))
            return;
        string mode = node.String("mode", "MIN_COMBINED");
        bool isUnsigned = node.TypeAttribute("T") == DataType.QUInt8;
        if (mode == "SCALED")
        {
            float end = isUnsigned ? max : Math.Max(max, -min);
            Add(quantized, Snap(end, isUnsigned ? UnsignedLevels : node.TypeAttribute("T") == DataType.QInt16 ? WideLevels : SignedLevels), 0);
        }
        else if (isUnsigned && max > min)
        {
            AddAffine(quantized, min, max, isRounded: mode == "MIN_FIRST");
        }
    }

    /// <summary>A range whose zero is one of the values; MIN_FIRST moves it there.</summary>
    private void AddAffine(NodeInput quantized, float min, float max, bool isRounded)
    {
        double scale = ((double)max - min) / UnsignedLevels;
        double zero = Math.Round(-min / scale);
        if ((!isRounded && Math.Abs((-min / scale) - zero) > 0.01) || zero is < 0 or > UnsignedLevels)
            return;
        Add(quantized, Nearest((float)scale, candidate => (float)(-zero * candidate) == min && (float)((UnsignedLevels - zero) * candidate) == max), (int)zero);
    }

    /// <summary>Casts at int8 ends say the scale and zero point that the file had.</summary>
    private void AddEnd(Node node)
    {
        if (!node.TryFloat(Quantization8.ScaleAttribute, out float scale) || !node.TryLong(Quantization8.ZeroAttribute, out long zero) || zero is < 0 or > UnsignedLevels)
            return;
        Add(node.TypeAttribute("type") == DataType.QUInt8 ? NodeInput.Data(node.Name) : node.Inputs[0], scale, (int)zero);
    }

    /// <summary>Where nothing else says it, a fused op reads values from zero on.</summary>
    private void AddFusedInput(Node node)
    {
        NodeInput[] inputs = [.. node.DataInputs];
        if (node.Op.StartsWith("Quantized", StringComparison.Ordinal) && node.Op.Contains("WithBias", StringComparison.Ordinal) && node.Op.EndsWith("AndRequantize", StringComparison.Ordinal) && Ends(inputs[3], inputs[4]) is [var end])
            Add(inputs[0], Snap(end, node.TypeAttribute("Tinput") == DataType.QUInt8 ? UnsignedLevels : SignedLevels), 0);
    }

    private void AddFused(Node node)
    {
        if (!node.Op.StartsWith("Quantized", StringComparison.Ordinal) && node.Op != "RequantizePerChannel")
            return;
        NodeInput[] inputs = [.. node.DataInputs];
        bool isUnsigned = node.TypeAttribute("out_type") == DataType.QUInt8;
        if (node.Op.EndsWith("AndRequantize", StringComparison.Ordinal) && inputs.Length >= 9 && Ends(inputs[7], inputs[8]) is [var end])
            Add(NodeInput.Data(node.Name), Snap(end, isUnsigned ? UnsignedLevels : SignedLevels), 0);
        if (node.Op == "RequantizePerChannel" && Ends(inputs[3], inputs[4]) is [var requantized])
            Add(NodeInput.Data(node.Name), Snap(requantized, isUnsigned ? UnsignedLevels : SignedLevels), 0);
        if (node.Op is "QuantizedMaxPool" or "QuantizedAvgPool" && Ends(inputs[1], inputs[2]) is [var pooled])
            Add(NodeInput.Data(node.Name), Snap(pooled, node.TypeAttribute("T") == DataType.QUInt8 ? UnsignedLevels : SignedLevels), 0);
    }

    /// <summary>What reshapes quantized values hands their range on, both ways.</summary>
    private void Propagate()
    {
        Node[] moves = [.. graph.Nodes.Where(node => node.Op is "Reshape" or "Identity" && node.TypeAttribute("T") is DataType.QUInt8 or DataType.QInt8)];
        for (bool isChanged = true; isChanged;)
        {
            isChanged = false;
            foreach (Node move in moves)
            {
                string from = move.Inputs[0].Canonical;
                string to = NodeInput.Data(move.Name).Canonical;
                isChanged |= ranges.TryGetValue(from, out var range) ? ranges.TryAdd(to, range) : ranges.TryGetValue(to, out range) && ranges.TryAdd(from, range);
            }
        }
    }

    private void Add(NodeInput quantized, float scale, int zero)
    {
        if (float.IsNormal(scale) && scale > 0)
            ranges.TryAdd(quantized.Canonical, (scale, zero));
    }

    /// <summary>The scale whose product with the levels is the end of the range.</summary>
    private static float Snap(float end, int levels) => Nearest(end / levels, candidate => (float)(levels * (double)candidate) == end);

    private static float Nearest(float scale, Func<float, bool> isRight)
    {
        foreach (float candidate in (float[])[scale, MathF.BitIncrement(scale), MathF.BitDecrement(scale)])
        {
            if (isRight(candidate))
                return candidate;
        }
        return scale;
    }
}
