using TransformFramework.Cpu.Kernels.MatrixProduct;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Convolution;

/// <summary>
/// Convolution over two or three spatial dimensions: input [batch, spatial…, in], filter [spatial…, in / groups, out]; the channels of the filter tell the groups, each of which has its own share of the output
/// channels. Floats as <see cref="SingleProduct"/> has them; other types summed in double.
/// </summary>
[Kernel("Conv2D", "Conv3D", "Conv")]
internal sealed class Convolution : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        TensorShape filter = node.Shapes[1];
        TensorShape data = node.Shapes[0];
        if (!filter.IsFullyKnown || data.IsUnknownRank)
            return [TensorShape.Unknown];
        BatchDimensions batch = BatchDimensions.Of(node.Node, data);
        TensorShape shape = ConvolutionGeometry.OutputShape(batch.Merge(data), stand => ConvolutionGeometry.Of(node.Node, stand, filter), () => filter[filter.Rank - 1]);
        return [batch.Split(shape, data)];
    }

    public Tensor[] Compute(KernelCall call)
    {
        BatchDimensions batch = BatchDimensions.Of(call.Node, call.Inputs[0].Shape);
        Tensor input = call.Inputs[0] is var data && batch.Count == 1 ? data : Tensor.FromContent(data.Type, batch.Merge(data.Shape), data.Bytes);
        Tensor filter = call.Inputs[1];
        var geometry = ConvolutionGeometry.Of(call.Node, input.Shape, filter.Shape);
        long columns = filter.Shape[filter.Shape.Rank - 1];
        long filterChannels = filter.Shape[filter.Shape.Rank - 2];
        int groups = ConvolutionGeometry.Groups(geometry.Channels, filterChannels, columns);
        long declared = call.Node.Attributes.ContainsKey("groups") ? call.Node.Long("groups") : 1;
        if (call.Node.Op == "Conv" && declared != groups)
            throw Refuse.Invalid($"attribute groups is {declared}, but {geometry.Channels} channels and a filter of {filterChannels} make {groups}");
        TensorShape shape = geometry.Format.Shape(geometry.Batch, geometry.OutputSpatial, columns);
        TensorShape result = batch.Split(shape, call.Inputs[0].Shape);
        return [input.Type == DataType.Float
            ? Floats.FromFloats(result, MultiplySingles(geometry, groups, Floats.Flushed(input), Floats.Flushed(filter), input.Shape, shape, call.Cancellation))
            : Floats.FromDoubles(input.Type, result, Multiply(geometry, groups, Floats.ToDoubles(input), Floats.ToDoubles(filter), input.Shape, shape, call.Cancellation))];
    }

    /// <summary>Sums in double, tap by tap.</summary>
    private static double[] Multiply(ConvolutionGeometry geometry, int groups, double[] input, double[] filter, TensorShape inputShape, TensorShape shape, CancellationToken cancellation)
    {
        int channels = (int)geometry.Channels;
        int columns = (int)shape[geometry.Format.Channel];
        int groupChannels = channels / groups;
        int groupColumns = columns / groups;
        double[] x = geometry.Format.ToChannelsLast(input, inputShape);
        double[] y = new double[checked((int)shape.ElementCount)];
        for (int n = 0; n < geometry.Batch && y.Length > 0; n++)
        {
            cancellation.ThrowIfCancellationRequested();
            int inputStart = n * (x.Length / (int)geometry.Batch);
            int outputStart = n * (y.Length / (int)geometry.Batch);
            geometry.ForEachTap((position, tap, source) =>
            {
                ReadOnlySpan<double> pixel = x.AsSpan(inputStart + (source * channels), channels);
                for (int c = 0; c < channels; c++)
                {
                    int share = c / groupChannels * groupColumns;
                    Span<double> sums = y.AsSpan(outputStart + (position * columns) + share, groupColumns);
                    Accumulate.AddScaled(sums, pixel[c], filter.AsSpan((((tap * groupChannels) + (c % groupChannels)) * columns) + share, groupColumns));
                }
            });
        }
        return geometry.Format.FromChannelsLast(y, geometry.Batch, columns);
    }

    /// <summary>Rows of the product of the patches under the window and the filter.</summary>
    private static float[] MultiplySingles(ConvolutionGeometry geometry, int groups, float[] input, float[] filter, TensorShape inputShape, TensorShape shape, CancellationToken cancellation)
    {
        int channels = (int)geometry.Channels;
        int columns = (int)shape[geometry.Format.Channel];
        float[] x = geometry.Format.ToChannelsLast(input, inputShape);
        float[] y = new float[checked((int)shape.ElementCount)];
        int groupChannels = channels / groups;
        int groupColumns = columns / groups;
        int groupPatch = columns == 0 ? 0 : filter.Length / columns;
        float[][] filters = [.. Enumerable.Range(0, groups).Select(group => Share(filter, columns, group * groupColumns, groupColumns))];
        float[] patch = new float[groupPatch * groups];
        for (int n = 0; n < geometry.Batch && y.Length > 0; n++)
        {
            int inputStart = n * (x.Length / (int)geometry.Batch);
            int outputStart = n * (y.Length / (int)geometry.Batch);
            int current = -1;
            geometry.ForEachTap((position, tap, source) =>
            {
                if (position != current)
                    Finish(position);
                for (int group = 0; group < groups; group++)
                    x.AsSpan(inputStart + (source * channels) + (group * groupChannels), groupChannels).CopyTo(patch.AsSpan((group * groupPatch) + (tap * groupChannels)));
            });
            Finish(-1);

            void Finish(int next)
            {
                cancellation.ThrowIfCancellationRequested();
                for (int group = 0; current >= 0 && group < groups; group++)
                {
                    Span<float> row = y.AsSpan(outputStart + (current * columns) + (group * groupColumns), groupColumns);
                    SingleProduct.Row(patch.AsSpan(group * groupPatch, groupPatch), filters[group], row, isVector: y.Length == columns);
                }
                Array.Clear(patch);
                current = next;
            }
        }
        return geometry.Format.FromChannelsLast(y, geometry.Batch, columns);
    }

    /// <summary>Some columns of a row-major matrix.</summary>
    private static float[] Share(float[] matrix, int columns, int first, int count)
    {
        if (count == columns)
            return matrix;
        float[] share = new float[matrix.Length / columns * count];
        for (int row = 0; row * count < share.Length; row++)
            matrix.AsSpan((row * columns) + first, count).CopyTo(share.AsSpan(row * count));
        return share;
    }
}
