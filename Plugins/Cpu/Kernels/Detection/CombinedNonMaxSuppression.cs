using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Detection;

/// <summary>
/// Suppression class by class, then the best of all classes. Boxes [batch, n, q, 4], where q is 1 or the number of classes; scores [batch, n, classes]. Results: boxes
/// [batch, m, 4], scores and classes [batch, m], both filled up with zeros, and how many are valid.
/// </summary>
[Kernel("CombinedNonMaxSuppression")]
internal sealed class CombinedNonMaxSuppression : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        long batch = node.Shapes[0].Rank < 1 ? -1 : node.Shapes[0][0];
        return [TensorShape.Of(batch, -1, 4), TensorShape.Of(batch, -1), TensorShape.Of(batch, -1), TensorShape.Of(batch)];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor boxes = call.Inputs[0];
        Tensor scores = call.Inputs[1];
        Check(boxes.Shape, scores.Shape);
        var limits = Limits.Of(call);
        int batch = (int)boxes.Shape[0];
        int count = (int)boxes.Shape[1];
        int sets = (int)boxes.Shape[2];
        int classes = (int)scores.Shape[2];
        int length = call.Node.Bool("pad_per_class") ? (int)Math.Min(limits.Total, (long)limits.PerClass * classes) : limits.Total;
        float[] keptBoxes = new float[batch * length * 4];
        float[] keptScores = new float[batch * length];
        float[] keptClasses = new float[batch * length];
        int[] valid = new int[batch];
        float[] corners = boxes.ToSingles();
        float[] points = scores.ToSingles();
        for (int image = 0; image < batch; image++)
        {
            var found = Enumerable.Range(0, classes).SelectMany(number =>
            {
                var ofClass = Enumerable.Range(0, count).Select(box => points[(((image * count) + box) * classes) + number]).ToArray();
                return Select(ofClass, box => Corners(image, box, number), limits).Select(box => (Class: number, Box: box, Score: ofClass[box]));
            }).OrderByDescending(entry => entry.Score).Take(length).ToList();
            valid[image] = found.Count;
            for (int i = 0; i < found.Count; i++)
            {
                int place = (image * length) + i;
                keptScores[place] = found[i].Score;
                keptClasses[place] = found[i].Class;
                var box = Corners(image, found[i].Box, found[i].Class);
                for (int side = 0; side < 4; side++)
                    keptBoxes[(4 * place) + side] = call.Node.Bool("clip_boxes") ? Math.Clamp(box.Span[side], 0f, 1f) : box.Span[side];
            }
        }
        TensorShape rows = TensorShape.Of(batch, length);
        return
        [
            Tensor.Create<float>(DataType.Float, TensorShape.Of(batch, length, 4), keptBoxes),
            Tensor.Create<float>(DataType.Float, rows, keptScores),
            Tensor.Create<float>(DataType.Float, rows, keptClasses),
            Tensor.Create<int>(DataType.Int32, TensorShape.Of(batch), valid),
        ];

        ReadOnlyMemory<float> Corners(int image, int box, int number) =>
            corners.AsMemory(((((image * count) + box) * sets) + (sets > 1 ? number : 0)) * 4, 4);
    }

    /// <summary>The kept boxes of one class, best first.</summary>
    private static List<int> Select(float[] scores, Func<int, ReadOnlyMemory<float>> corners, Limits limits)
    {
        var queue = new CandidateHeap();
        for (int i = 0; i < scores.Length; i++)
        {
            if (scores[i] > limits.Score)
                queue.Push(new(i, scores[i], 0));
        }
        var selected = new List<int>();
        while (selected.Count < limits.PerClass && queue.TryPop(out var next))
        {
            if (!selected.Exists(box => BoxOverlap.Of(corners(next.Index).Span, corners(box).Span) > limits.Overlap))
                selected.Add(next.Index);
        }
        return selected;
    }

    private static void Check(TensorShape boxes, TensorShape scores)
    {
        if (boxes.Rank != 4 || boxes[3] != 4)
            throw Refuse.Invalid($"boxes must be 4-D with 4 corners, got shape {boxes}");
        if (scores.Rank != 3 || scores[0] != boxes[0] || scores[1] != boxes[1])
            throw Refuse.Invalid($"scores has incompatible shape {scores} for boxes {boxes}");
        if (boxes[2] != 1 && boxes[2] != scores[2])
            throw Refuse.Invalid($"third dimension of boxes must be either 1 or num classes, got {boxes[2]}");
    }

    private readonly record struct Limits(int PerClass, int Total, float Overlap, float Score)
    {
        public static Limits Of(KernelCall call)
        {
            int perClass = checked((int)Integers.Scalar(call.Inputs[2], "max_size_per_class"));
            int total = checked((int)Integers.Scalar(call.Inputs[3], "max_total_size"));
            float overlap = call.Inputs[4].ToSingles()[0];
            if (perClass <= 0)
                throw Refuse.Invalid("max_size_per_class must be positive");
            if (total <= 0)
                throw Refuse.Invalid("max_total_size must be > 0");
            if (!(overlap >= 0 && overlap <= 1))
                throw Refuse.Invalid("iou_threshold must be in [0, 1]");
            return new(perClass, total, overlap, call.Inputs[5].ToSingles()[0]);
        }
    }
}
