using TransformFramework.Graphs;
using TransformFramework.Quantization.Static;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Equalization;

/// <summary>The weights of a layer with the factors that its channels are multiplied by so far.</summary>
internal sealed class ScaledWeights
{
    private readonly WeightedLayer op;
    private readonly float[] inputFactors;
    private readonly float[] outputFactors;

    private ScaledWeights(WeightedLayer op)
    {
        this.op = op;
        inputFactors = [.. Enumerable.Repeat(1f, op.InputChannels)];
        outputFactors = [.. Enumerable.Repeat(1f, op.OutputChannels)];
    }

    public Node Node => op.Node;

    public WeightedLayer Op => op;

    public static ScaledWeights? Of(Node node, ConstantValues constants, TransformContext context)
    {
        if (WeightedLayer.Of(node, constants, out string? reason) is { } op)
            return new(op);
        context.Explain(node.Name, reason!);
        return null;
    }

    /// <summary>The largest magnitude of each output channel's weights as they are now.</summary>
    public float[] OutputRanges() => op.LargestByOutput(inputFactors, outputFactors);

    /// <summary>The largest magnitude of each input channel's weights as they are now.</summary>
    public float[] InputRanges() => op.LargestByInput(inputFactors, outputFactors);

    /// <summary>Divides the output channels.</summary>
    public void DivideOutputs(float[] factors)
    {
        for (int i = 0; i < factors.Length; i++)
            outputFactors[i] /= factors[i];
    }

    /// <summary>Multiplies the input channels.</summary>
    public void MultiplyInputs(float[] factors)
    {
        for (int i = 0; i < factors.Length; i++)
            inputFactors[i] *= factors[i];
    }

    /// <summary>The weights as they are now.</summary>
    public Tensor Scaled() => op.Scaled(inputFactors, outputFactors);

    /// <summary>Puts the weights, and the means of the input if the node states them, into the graph.</summary>
    public void Write(InPlaceEdit edit)
    {
        if (inputFactors.Any(factor => factor != 1) || outputFactors.Any(factor => factor != 1))
            edit.ReplaceConstant(Node, WeightedLayer.WeightsInput, Scaled(), "_equalized");
        if (Node.Attributes.TryGetValue(BiasCorrection.MeansAttribute, out var value) && value is ListValue means && means.Items.Length == inputFactors.Length)
            edit.Change(Node, node => node.With(BiasCorrection.MeansAttribute, new ListValue([.. means.Items.Select((mean, i) => (AttributeValue)(((FloatValue)mean).Value / inputFactors[i]))])));
    }
}
