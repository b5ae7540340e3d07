using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Detection;

/// <summary>
/// Keeps the best boxes [y1, x1, y2, x2], best first, and drops those that overlap a kept one by a threshold or more (intersection over union). V3 also drops boxes below a score, V4
/// can fill up to max_output_size, V5 can lower the scores of overlapping boxes instead (soft suppression with a Gaussian).
/// </summary>
[Kernel("NonMaxSuppression", "NonMaxSuppressionV2", "NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5")]
internal sealed class NonMaxSuppression : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        TensorShape some = TensorShape.Of(-1);
        return node.Node.Op switch
        {
            "NonMaxSuppressionV4" => [some, TensorShape.Scalar],
            "NonMaxSuppressionV5" => [some, some, TensorShape.Scalar],
            _ => [some],
        };
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor boxes = call.Inputs[0];
        Tensor scores = call.Inputs[1];
        if (boxes.Shape.Rank != 2 || boxes.Shape[1] != 4)
            throw Refuse.Invalid($"boxes must be 2-D of 4 columns{boxes.Shape}");
        if (scores.Shape.Rank != 1 || scores.Shape[0] != boxes.Shape[0])
            throw Refuse.Invalid("scores has incompatible shape");
        int most = checked((int)Integers.Scalar(call.Inputs[2], "max_output_size"));
        if (most < 0)
            throw Refuse.Invalid("output size must be non-negative");
        float threshold = call.Inputs.Count > 3 ? Single(call.Inputs[3], "iou_threshold") : call.Node.Float("iou_threshold");
        if (!(threshold >= 0 && threshold <= 1))
            throw Refuse.Invalid("iou_threshold must be in [0, 1]");
        float lowest = call.Inputs.Count > 4 ? Single(call.Inputs[4], "score_threshold") : float.MinValue;
        float sigma = call.Inputs.Count > 5 ? Single(call.Inputs[5], "soft_nms_sigma") : 0;
        if (!(sigma >= 0))
            throw Refuse.Invalid("soft_nms_sigma_val must be non-negative");
        var selected = new Selection(boxes.ToSingles(), threshold, lowest, sigma).Run(scores.ToSingles(), most);
        return Outputs(call.Node, selected, most, scores.Type);
    }

    private static Tensor[] Outputs(Node node, List<(int Index, float Score)> selected, int most, DataType scoreType)
    {
        int count = selected.Count;
        bool pads = node.Attributes.ContainsKey("pad_to_max_output_size") && node.Bool("pad_to_max_output_size");
        int length = pads ? most : count;
        int[] indices = new int[length];
        double[] scores = new double[length];
        for (int i = 0; i < count; i++)
            (indices[i], scores[i]) = (selected[i].Index, selected[i].Score);
        Tensor picked = Tensor.Create<int>(DataType.Int32, TensorShape.Of(length), indices);
        return node.Op switch
        {
            "NonMaxSuppressionV4" => [picked, Tensor.Scalar(count)],
            "NonMaxSuppressionV5" => [picked, Floats.FromDoubles(scoreType, TensorShape.Of(length), scores), Tensor.Scalar(count)],
            _ => [picked],
        };
    }

    private static float Single(Tensor tensor, string name) =>
        tensor.ElementCount == 1 && tensor.Shape.Rank == 0 ? tensor.ToSingles()[0] : throw Refuse.Invalid($"{name} must be 0-D, got shape {tensor.Shape}");

    private sealed class Selection(float[] boxes, float threshold, float lowest, float sigma)
    {
        public List<(int Index, float Score)> Run(float[] scores, int most)
        {
            var queue = new CandidateHeap();
            for (int i = 0; i < scores.Length; i++)
            {
                if (scores[i] > lowest)
                    queue.Push(new(i, scores[i], 0));
            }
            var selected = new List<(int Index, float Score)>();
            while (selected.Count < most && queue.TryPop(out var next))
            {
                float score = next.Score;
                for (int i = selected.Count - 1; i >= next.Checked && score > lowest; i--)
                    score *= Weight(Overlap(next.Index, selected[i].Index));
                if (score == next.Score)
                    selected.Add((next.Index, score));
                else if (score > lowest && sigma > 0)
                    queue.Push(new(next.Index, score, selected.Count));
            }
            return selected;
        }

        private float Weight(float overlap)
        {
            if (overlap >= threshold)
                return 0;
            return sigma > 0 ? MathF.Exp(-0.5f / sigma * overlap * overlap) : 1;
        }

        private float Overlap(int first, int second) => BoxOverlap.Of(boxes.AsSpan(4 * first, 4), boxes.AsSpan(4 * second, 4));
    }
}
