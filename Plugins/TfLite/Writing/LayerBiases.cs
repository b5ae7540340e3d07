using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>Gives every convolution a bias, of zeros where it has none: interpreters refuse those without, or end.</summary>
internal static class LayerBiases
{
    public static void Complete(SubgraphDraft graph)
    {
        foreach (OperatorDraft op in graph.Operators.Where(op => op.Name is "CONV_2D" or "DEPTHWISE_CONV_2D" && op.Inputs.Count < 3))
        {
            TensorDraft weights = op.Inputs[1]!;
            int channels = op.Name == "CONV_2D" ? weights.Shape[0] : weights.Shape[3];
            bool isInteger = op.Inputs[0]!.Type == TensorType.Int8;
            float[] scales = isInteger ? [.. weights.Quantization!.Scales.Select(scale => scale * op.Inputs[0]!.Quantization!.Scale)] : [];
            Tensor zeros = Tensor.FromContent(isInteger ? DataType.Int32 : DataType.Float, TensorShape.Of(channels), new byte[4 * channels]);
            op.Inputs.Add(TensorDraft.Of(op.Outputs[0].Name + "/bias", zeros, isInteger ? new([.. scales], [.. scales.Select(_ => 0L)], 0) : null));
        }
    }
}
