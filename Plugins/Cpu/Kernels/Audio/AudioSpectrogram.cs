using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Audio;

/// <summary>
/// Spectra of overlapping windows of sound: samples [length, channels] → [channels, windows, 1 + fft / 2]. Hann window; the transform's length is the next power of two.
/// </summary>
[Kernel("AudioSpectrogram")]
internal sealed class AudioSpectrogram : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        TensorShape input = node.Shapes[0];
        int window = node.Node.Int("window_size");
        int stride = node.Node.Int("stride");
        if (input.Rank != 2 || window < 2 || stride < 1)
            return [TensorShape.Of(-1, -1, -1)];
        return [TensorShape.Of(input[1], input[0] < 0 ? -1 : Count(input[0], window, stride), Frequencies(window))];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        int window = call.Node.Int("window_size");
        int stride = call.Node.Int("stride");
        if (input.Shape.Rank != 2)
            throw Refuse.Invalid($"Input tensor should have 2 dimensions, shape {input.Shape}");
        if (window < 2 || stride < 1)
            throw Refuse.Invalid($"Spectrogram initialization failed for window size {window} and stride {stride}");
        int channels = (int)input.Shape[1];
        int windows = Count(input.Shape[0], window, stride);
        int bins = Frequencies(window);
        ReadOnlySpan<float> samples = input.AsSpan<float>();
        bool isSquared = call.Node.Bool("magnitude_squared");
        Tensor result = Tensor.Allocate<float>(DataType.Float, TensorShape.Of(channels, windows, bins), out var spectra);
        Complex[] buffer = new Complex[2 * (bins - 1)];
        long length = input.Shape[0];
        long start = 0;
        for (int c = 0; c < channels; c++)
        {
            // The windows run on from channel to channel, as if the channels were one sound.
            int found = 0;
            for (; start + window <= (c + 1) * length; start += stride, found++)
            {
                if (found < windows)
                    Spectrum(samples, length, channels, start, window, buffer, spectra.Slice(((c * windows) + found) * bins, bins), isSquared);
            }
            if (found != windows)
                throw Refuse.Invalid($"Spectrogram size calculation failed: Expected height {windows} but got {found}");
        }
        return [result];
    }

    private static void Spectrum(ReadOnlySpan<float> samples, long length, int channels, long start, int window, Complex[] buffer, Span<float> spectrum, bool isSquared)
    {
        Array.Clear(buffer);
        for (int i = 0; i < window; i++)
        {
            long at = start + i;
            buffer[i] = samples[(int)((at % length * channels) + (at / length))] * (0.5 - (0.5 * Math.Cos(2 * Math.PI * i / window)));
        }
        FourierTransform.Forward(buffer);
        for (int k = 0; k < spectrum.Length; k++)
        {
            double power = (buffer[k].Real * buffer[k].Real) + (buffer[k].Imaginary * buffer[k].Imaginary);
            spectrum[k] = (float)(isSquared ? power : Math.Sqrt(power));
        }
    }

    private static int Count(long length, int window, int stride) => length < window ? 0 : 1 + (int)((length - window) / stride);

    private static int Frequencies(int window) => 1 + ((int)BitOperations.RoundUpToPowerOf2((uint)window) / 2);
}
