using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Cpu.Planning;
using TransformFramework.Cpu.Vectors;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>Numbers that are codes times a step.</summary>
internal sealed record CodedSource(TensorSource Codes, float Step, bool IsSigned)
{
    /// <summary>The codes that a tensor of numbers comes from, or null.</summary>
    public static CodedSource? Of(PlanGraph graph, TensorSource numbers)
    {
        ProgramNode producer = graph.Producer(numbers);
        if (!PlanGraph.IsOwn(producer) || ScaledCodes.Step(graph, producer) is not { } step || !graph[graph.Input(producer, 0)].IsStatic || graph[numbers].Constant is not null)
            return null;
        return new(graph.Input(producer, 0), step, graph[graph.Input(producer, 0)].Type == DataType.QInt8);
    }

    public float Number(byte code) => Denormals.Flush((IsSigned ? (sbyte)code : code) * Step);
}

/// <summary>A QuantizeV2 that alone reads the numbers of a node, by way of activations or not.</summary>
/// <param name="Members">The nodes after the first, the QuantizeV2 last; only it when it is the first.</param>
/// <param name="Codes">The codes.</param>
/// <param name="Range">Their range.</param>
/// <param name="Scaling">How numbers become codes.</param>
/// <param name="Low">The smallest number that the activations leave.</param>
/// <param name="High">The largest number that they leave.</param>
/// <param name="IsSigned">True for qint8.</param>
internal sealed record CodedResult(ImmutableArray<ProgramNode> Members, TensorSource Codes, CodeRange Range, CodeScaling Scaling, float Low, float High, bool IsSigned)
{
    private const float Six = QuantizedActivations.Six;

    /// <summary>What follows a node, or null when it is something else.</summary>
    public static CodedResult? Of(PlanGraph graph, ProgramNode node)
    {
        var members = ImmutableArray.CreateBuilder<ProgramNode>();
        float low = float.NegativeInfinity;
        float high = float.PositiveInfinity;
        for (ProgramNode? at = node; at is not null; at = graph.OnlyReader(new(at.Index, 0)))
        {
            bool isFree = PlanGraph.IsOwn(at) && (at == node || at.ControlInputs == 0);
            if (!isFree)
                return null;
            if (at != node)
                members.Add(at);
            if (ScaledCodes.Quantization(graph, at) is { } quantization)
                return new(members.ToImmutable(), new(at.Index, 0), quantization.Range, quantization.Scaling, low, high, graph[new(at.Index, 0)].Type == DataType.QInt8);
            if (at.Node.Op is "Relu" or "Relu6")
                (low, high) = (Math.Max(low, 0), at.Node.Op == "Relu6" ? Math.Min(high, Six) : high);
            else if (at != node)
                return null;
        }
        return null;
    }

    /// <summary>The code of a number after the activations.</summary>
    public byte Quantize(float number)
    {
        float held = Math.Clamp(Math.Clamp(number, Low, High), Scaling.Least, Scaling.Greatest);
        return unchecked((byte)(int)MathF.Round(held * Scaling.Factor, Scaling.RoundsToEven ? MidpointRounding.ToEven : MidpointRounding.AwayFromZero));
    }
}
