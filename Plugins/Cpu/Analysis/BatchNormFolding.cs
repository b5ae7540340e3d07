using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Normalization;

namespace TransformFramework.Cpu.Analysis;

/// <summary>
/// Batch norms that TensorFlow's session optimizer replaces by a product and a sum when it runs a graph are computed like that here: those by given statistics of which at least
/// scale and variance are constant, of which only the first output is read, and which are no output of the run. Quantized graphs show the difference in last bits.
/// </summary>
internal static class BatchNormFolding
{
    private const int ScaleAndVariance = (1 << 1) | (1 << 4);

    public static void Apply(IReadOnlyList<AnalyzedNode> nodes, ImmutableArray<TensorSource> outputs)
    {
        var wanted = new HashSet<int>();
        foreach (TensorSource output in outputs)
            wanted.Add(output.Node);
        var constants = new Dictionary<int, int>();
        foreach (AnalyzedEdge edge in nodes.Where(node => node.Kind == NodeKind.Constant).SelectMany(node => node.Edges))
        {
            if (!edge.IsControl && nodes[edge.Consumer].Kernel is FusedBatchNorm)
                constants[edge.Consumer] = constants.GetValueOrDefault(edge.Consumer) | (1 << edge.Slot);
        }
        foreach (var (index, slots) in constants)
        {
            AnalyzedNode node = nodes[index];
            bool isTraining = node.Node.Bool("is_training");
            if ((slots & ScaleAndVariance) == ScaleAndVariance && !isTraining && node.OutputCount == 1 && !wanted.Contains(index))
                node.Kernel = new FoldedBatchNorm();
        }
    }
}
