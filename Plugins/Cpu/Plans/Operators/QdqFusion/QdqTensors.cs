using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized.Arithmetic;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Cpu.Microkernels.Requantize;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.QdqFusion;

/// <summary>Real values that are quantized values times a scale.</summary>
internal sealed record QdqInput(TensorSource Quantized, float Scale, bool IsSigned)
{
    /// <summary>The quantized values that a tensor of real values comes from, or null.</summary>
    public static QdqInput? Of(PlanGraph graph, TensorSource reals)
    {
        AnalyzedNode producer = graph.Producer(reals);
        if (!PlanGraph.IsOwn(producer) || ScaledQuantization.Scale(graph, producer) is not { } scale || !graph[graph.Input(producer, 0)].IsStatic || graph[reals].Constant is not null)
            return null;
        return new(graph.Input(producer, 0), scale, graph[graph.Input(producer, 0)].Type == DataType.QInt8);
    }

    public float Dequantize(byte q) => Denormals.Flush((IsSigned ? (sbyte)q : q) * Scale);
}

/// <summary>A QuantizeV2 that alone reads the real values of a node, by way of activations or not.</summary>
/// <param name="Members">The nodes after the first, the QuantizeV2 last; only it when it is the first.</param>
/// <param name="Quantized">The quantized values.</param>
/// <param name="Range">Their range.</param>
/// <param name="Scaling">How real values become quantized values.</param>
/// <param name="Low">The smallest real value that the activations leave.</param>
/// <param name="High">The largest real value that they leave.</param>
/// <param name="IsSigned">True for qint8.</param>
internal sealed record QdqOutput(ImmutableArray<AnalyzedNode> Members, TensorSource Quantized, QuantizationRange Range, QuantizationScale Scaling, float Low, float High, bool IsSigned)
{
    private const float Six = QuantizedActivations.Six;

    /// <summary>What follows a node, or null when it is something else.</summary>
    public static QdqOutput? Of(PlanGraph graph, AnalyzedNode node)
    {
        var members = ImmutableArray.CreateBuilder<AnalyzedNode>();
        float low = float.NegativeInfinity;
        float high = float.PositiveInfinity;
        for (AnalyzedNode? at = node; at is not null; at = graph.OnlyReader(new(at.Index, 0)))
        {
            bool isFree = PlanGraph.IsOwn(at) && (at == node || at.ControlInputs == 0);
            if (!isFree)
                return null;
            if (at != node)
                members.Add(at);
            if (ScaledQuantization.Quantization(graph, at) is { } quantization)
                return new(members.ToImmutable(), new(at.Index, 0), quantization.Range, quantization.Scaling, low, high, graph[new(at.Index, 0)].Type == DataType.QInt8);
            if (at.Node.Op is "Relu" or "Relu6")
                (low, high) = (Math.Max(low, 0), at.Node.Op == "Relu6" ? Math.Min(high, Six) : high);
            else if (at != node)
                return null;
        }
        return null;
    }

    /// <summary>The quantized value of a real value after the activations.</summary>
    public byte Quantize(float real)
    {
        float held = Math.Clamp(Math.Clamp(real, Low, High), Scaling.Least, Scaling.Greatest);
        return unchecked((byte)(int)MathF.Round(held * Scaling.Factor, Scaling.RoundsToEven ? MidpointRounding.ToEven : MidpointRounding.AwayFromZero));
    }
}
