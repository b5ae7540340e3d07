using System.Numerics;
using TransformFramework.Cpu.Kernels.Images;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Structure;

/// <summary>
/// Bilinear interpolation of quantized values in fixed point, with 7 bits for quint8 and 30 for qint32 (whose quantized values are rounded to float first); of floats in float. The range stays. Unlike the float op
/// this one takes <c>align_corners</c> together with <c>half_pixel_centers</c>.
/// </summary>
[Kernel("QuantizedResizeBilinear")]
internal sealed class QuantizedResizeBilinear : IKernel
{
    private const int Bits8 = 7;
    private const int Bits32 = 30;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(ResizeGeometry.Infer(node));

    public Tensor[] Compute(KernelCall call)
    {
        Tensor images = call.Inputs[0];
        var geometry = ResizeGeometry.Of(images.Shape, call.Inputs[1], call.Node.Bool("align_corners"), call.Node.Bool("half_pixel_centers"));
        var range = QuantizationRange.Read(call.Inputs, 2);
        if (geometry.Batch == 0)
            throw new ExecutionException(StatusKind.Internal, $"images must not be empty, but have shape {images.Shape}");
        if (geometry.NewHeight == geometry.Height && geometry.NewWidth == geometry.Width)
            return range.With(images);
        return range.With(images.Type switch
        {
            DataType.QUInt8 => Resize<byte>(images, geometry, Bits8),
            DataType.QInt32 => Resize<int>(images, geometry, Bits32),
            DataType.Float => ResizeBilinear.Resize(images, geometry),
            DataType type => throw QuantizedTypes.NoKernel(type, "quint8, qint32 and float"),
        });
    }

    private static Tensor Resize<TQuantized>(Tensor images, ResizeGeometry geometry, int bits)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>
    {
        ReadOnlySpan<TQuantized> source = images.AsSpan<TQuantized>();
        ResizeTap[] columns = geometry.Columns();
        ResizeTap[] rows = geometry.Rows();
        Tensor result = Tensor.Allocate<TQuantized>(images.Type, geometry.Result, out var target);
        long one = 1L << bits;
        int channels = geometry.Channels;
        int at = 0;
        for (int n = 0; n < geometry.Batch; n++)
        {
            int image = n * geometry.Height * geometry.Width;
            foreach (var (top, bottom, down) in rows)
            {
                long downShare = (long)(down * one);
                foreach (var (left, right, across) in columns)
                {
                    long acrossShare = (long)(across * one);
                    for (int c = 0; c < channels; c++)
                    {
                        long above = Mix(Level(source, image, top, left, c), Level(source, image, top, right, c), acrossShare);
                        long below = Mix(Level(source, image, bottom, left, c), Level(source, image, bottom, right, c), acrossShare);
                        target[at++] = TQuantized.CreateTruncating((above + ((below - above) / one * downShare) + (one / 2)) / one);
                    }
                }
            }
        }
        return result;

        long Mix(long x, long y, long share) => (x * one) + ((y - x) * share);

        long Level(ReadOnlySpan<TQuantized> quantized, int image, int row, int column, int channel) =>
            (long)float.CreateTruncating(quantized[((image + (row * geometry.Width) + column) * channels) + channel]);
    }
}
