using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.MatrixProduct;

/// <summary>Cross entropy of softmax with given probabilities, and its gradient softmax - labels.</summary>
[Kernel("SoftmaxCrossEntropyWithLogits")]
internal sealed class SoftmaxCrossEntropy : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        node.Shapes[0].Rank == 2 ? [TensorShape.Of(node.Shapes[0][0]), node.Shapes[0]] : [TensorShape.Unknown, TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor logits = call.Inputs[0];
        var broadcast = Broadcast.Of(logits.Shape, call.Inputs[1].Shape);
        if (broadcast.Shape.Rank != 2)
            throw Refuse.Invalid("logits and labels must be either 2-dimensional, or broadcasted to be 2-dimensional");
        double[] scores = new double[checked((int)broadcast.Shape.ElementCount)];
        double[] labels = new double[scores.Length];
        double[] givenScores = Floats.ToDoubles(logits);
        double[] givenLabels = Floats.ToDoubles(call.Inputs[1]);
        IndexPairs pair = broadcast.Pairs;
        for (int i = 0; i < scores.Length; i++, pair.Next())
            (scores[i], labels[i]) = (givenScores[pair.Left], givenLabels[pair.Right]);
        int columns = (int)broadcast.Shape[1];
        double[] losses = new double[(int)broadcast.Shape[0]];
        for (int row = 0; row < losses.Length; row++)
        {
            Span<double> line = scores.AsSpan(row * columns, columns);
            Softmax.Apply(line, logarithmic: true);
            for (int c = 0; c < columns; c++)
            {
                double label = labels[(row * columns) + c];
                losses[row] -= label == 0 ? 0 : label * line[c];
                line[c] = Math.Exp(line[c]) - label;
            }
        }
        return [Floats.FromDoubles(logits.Type, TensorShape.Of(losses.Length), losses), Floats.FromDoubles(logits.Type, broadcast.Shape, scores)];
    }
}

/// <summary>Cross entropy of softmax with given classes, and its gradient; a class out of range gives NaN.</summary>
[Kernel("SparseSoftmaxCrossEntropyWithLogits")]
internal sealed class SparseSoftmaxCrossEntropy : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[1], node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor logits = call.Inputs[0];
        long[] classes = Integers.Read(call.Inputs[1]);
        if (logits.Shape.Rank != 2 || logits.Shape[0] != classes.Length)
            throw Refuse.Invalid($"logits and labels must have the same first dimension, got logits shape {logits.Shape} and labels shape {call.Inputs[1].Shape}");
        int columns = (int)logits.Shape[1];
        double[] scores = Floats.ToDoubles(logits);
        double[] losses = new double[classes.Length];
        for (int row = 0; row < losses.Length; row++)
        {
            if (classes[row] < 0 || classes[row] >= columns)
                throw Refuse.Invalid($"Received a label value of {classes[row]} which is outside the valid range of [0, {columns}).");
            Span<double> line = scores.AsSpan(row * columns, columns);
            Softmax.Apply(line, logarithmic: true);
            losses[row] = -line[(int)classes[row]];
            for (int c = 0; c < columns; c++)
                line[c] = Math.Exp(line[c]) - (c == classes[row] ? 1 : 0);
        }
        return [Floats.FromDoubles(logits.Type, TensorShape.Of(losses.Length), losses), Floats.FromDoubles(logits.Type, logits.Shape, scores)];
    }
}
