using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>Products of matrices that static graphs write as convolutions of one pixel: <c>RESHAPE [-1,1,1,I], CONV_2D 1×1, RESHAPE [-1,O]</c> become one FULLY_CONNECTED.</summary>
internal sealed class MatrixFusion
{
    private readonly SubgraphDraft graph;
    private readonly Uses uses;

    private MatrixFusion(SubgraphDraft graph)
    {
        this.graph = graph;
        uses = new(graph);
    }

    public static void Run(SubgraphDraft graph)
    {
        var fusion = new MatrixFusion(graph);
        foreach (OperatorDraft op in graph.Operators.ToArray().Where(op => op.Name == "CONV_2D"))
            fusion.TryFuse(op);
        DeadOperators.Remove(graph);
    }

    private void TryFuse(OperatorDraft op)
    {
        if (Weights(op) is not { Shape: [_, 1, 1, var inner] } weights || uses.OnlyConsumer(op.Outputs[0]) is not { Name: "RESHAPE" } after || op.Options.Int("stride_h") != 1 || op.Options.Int("stride_w") != 1)
            return;
        OperatorDraft? conversion = uses.Producer(op.Inputs[0]) is { Name: "DEQUANTIZE" } found && uses.OnlyConsumer(found.Outputs[0]) == op ? found : null;
        if (uses.Producer((conversion ?? op).Inputs[0]) is not { Name: "RESHAPE" } before || before.Outputs[0].Shape is not [_, 1, 1, _])
            return;
        TensorDraft rows = before.Inputs[0]!;
        int[] result = after.Outputs[0].Shape;
        bool keepsDimensions = result.Length > 2 && rows.Rank == result.Length && rows.Shape.AsSpan(..^1).SequenceEqual(result.AsSpan(..^1)) && rows.Shape[^1] == inner;
        if (result.Length != 2 && !keepsDimensions)
            return;
        if (conversion is not null)
        {
            uses.SetInput(conversion, 0, rows);
            conversion.Outputs[0].Shapes = rows.Shapes;
        }
        else
        {
            uses.SetInput(op, 0, rows);
        }
        SetWeights(op, weights, inner);
        int activation = op.Options.Int("activation");
        op.Schema = OperatorSchema.Of("FULLY_CONNECTED");
        op.Options = OptionValues.Of(op.Schema, ("activation", activation), ("keep_num_dims", keepsDimensions));
        TensorDraft output = after.Outputs[0];
        output.Quantization ??= op.Outputs[0].Quantization;
        uses.Remove(after);
        uses.SetOutput(op, 0, output);
    }

    private TensorDraft? Weights(OperatorDraft op) => op.Inputs[1] is { Constant: not null } constant ? constant
        : uses.Producer(op.Inputs[1]) is { Name: "DEQUANTIZE" } dequantize && dequantize.Inputs[0] is { Constant: not null } stored ? stored
        : null;

    private void SetWeights(OperatorDraft op, TensorDraft weights, int inner)
    {
        TensorDraft matrix = TensorDraft.Of(weights.Name, TensorLayout.Reshape(weights.Constant!, weights.Shape[0], inner), weights.Quantization);
        if (op.Inputs[1] == weights)
        {
            uses.SetInput(op, 1, matrix);
            return;
        }
        OperatorDraft old = uses.Producer(op.Inputs[1])!;
        var real = new TensorDraft(op.Inputs[1]!.Name, TensorType.Float32) { Shapes = matrix.Shapes };
        var dequantize = new OperatorDraft(old.Schema, [matrix], [real], old.Options);
        graph.Operators.InsertBefore(op, dequantize);
        uses.Add(dequantize);
        uses.SetInput(op, 1, real);
    }
}
