using TransformFramework.Cpu.Analysis;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Scan;

/// <summary>What is added to a product of an iteration before anything else reads it.</summary>
/// <param name="Output">The tensor of the last addition.</param>
/// <param name="Absorbed">The nodes of the additions.</param>
/// <param name="Bias">Constants for each column; null for none.</param>
/// <param name="Tensor">A matrix that is computed already; null for none.</param>
internal sealed record StepTerms(TensorSource Output, IReadOnlyList<int> Absorbed, double[]? Bias, StepOperand? Tensor)
{
    /// <summary>The additions that follow a product.</summary>
    /// <param name="step">The instructions so far.</param>
    /// <param name="graph">The iteration.</param>
    /// <param name="product">The product.</param>
    /// <param name="columns">Columns of the product.</param>
    /// <param name="takesTensor">True when a matrix may be added, too.</param>
    public static StepTerms Follow(StepCompiler step, PlanGraph graph, TensorSource product, int columns, bool takesTensor)
    {
        TensorSource output = product;
        var absorbed = new List<int>();
        double[]? bias = null;
        StepOperand? tensor = null;
        while (graph.OnlyReader(output) is { Node.Op: "BiasAdd" or "Add" or "AddV2" } sum && PlanGraph.IsOwn(sum) && KeepsShape(graph, output, sum))
        {
            TensorSource term = graph.Input(sum, 0) == output ? graph.Input(sum, 1) : graph.Input(sum, 0);
            if (RowOf(graph[term].Constant, columns) is { } row)
                bias = bias is null ? row : [.. bias.Zip(row, (x, y) => x + y)];
            else if (takesTensor && tensor is null && graph[term].Constant is null && step.Matrix(term, columns) is { } matrix)
                tensor = matrix;
            else
                break;
            absorbed.Add(sum.Index);
            output = new(sum.Index, 0);
        }
        return new(output, absorbed, bias, tensor);
    }

    private static bool KeepsShape(PlanGraph graph, TensorSource output, AnalyzedNode sum) => graph[new(sum.Index, 0)].Shape.Dimensions.AsSpan().SequenceEqual(graph[output].Shape.Dimensions.AsSpan());

    private static double[]? RowOf(Tensor? constant, int columns)
    {
        if (constant is not { Type: DataType.Float, Shape.Rank: > 0 } || constant.ElementCount != columns || constant.Shape[constant.Shape.Rank - 1] != columns)
            return null;
        return [.. constant.ToSingles().Select(value => (double)value)];
    }
}
