using TransformFramework.Cpu.Kernels.Elementwise;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Random;

/// <summary>Draws a block of values for each element of a parameter tensor. The distribution is TensorFlow's, its sequence of values is not.</summary>
internal abstract class RandomByParameter : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        Tensors.Infer(node, () => Tensors.ShapeOf([.. Integers.Read(node.Constants[0]!), .. node.Shapes[1].Dimensions]), 0);

    public Tensor[] Compute(KernelCall call)
    {
        double[] parameters = RealValues.ToDoubles(call.Inputs[1]);
        TensorShape shape = Tensors.ShapeOf([.. Integers.Read(call.Inputs[0]), .. call.Inputs[1].Shape.Dimensions]);
        Philox random = Philox.Of(call.Node);
        double[] values = new double[checked((int)shape.ElementCount)];
        for (int i = 0; i < values.Length; i++)
            values[i] = Draw(random, parameters[i % parameters.Length]);
        DataType type = call.Node.Attributes.ContainsKey("dtype") ? call.Node.Type("dtype") : call.Inputs[1].Type;
        return [RealValues.FromDoubles(type, shape, values)];
    }

    protected abstract double Draw(Philox random, double parameter);
}

/// <summary>Gamma distribution with shape alpha and rate 1 (Marsaglia and Tsang, "A simple method for generating gamma variables", 2000).</summary>
[Kernel("RandomGamma")]
internal sealed class RandomGamma : RandomByParameter
{
    protected override double Draw(Philox random, double parameter)
    {
        if (!(parameter > 0) || double.IsInfinity(parameter))
            return double.NaN;
        double boost = parameter < 1 ? Math.Pow(1 - random.NextDouble(), 1 / parameter) : 1;
        double d = (parameter < 1 ? parameter + 1 : parameter) - (1.0 / 3);
        double c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double normal = random.NextWideNormals().First;
            double root = 1 + (c * normal);
            double cube = root * root * root;
            if (root > 0 && Math.Log(1 - random.NextDouble()) < (0.5 * normal * normal) + d - (d * cube) + (d * Math.Log(cube)))
                return d * cube * boost;
        }
    }
}

/// <summary>
/// Poisson distribution: counts the steps of a unit-rate process where they are few; else by transformed rejection, whose work does not grow with the rate (Hörmann, "The transformed rejection method for
/// generating Poisson random variables", 1993, algorithm PTRS).
/// </summary>
[Kernel("RandomPoissonV2", "RandomPoisson")]
internal sealed class RandomPoisson : RandomByParameter
{
    private const double FewSteps = 10;

    protected override double Draw(Philox random, double parameter)
    {
        if (!(parameter >= 0) || double.IsInfinity(parameter))
            return double.NaN;
        return parameter < FewSteps ? Count(random, parameter) : Reject(random, parameter);
    }

    private static double Count(Philox random, double rate)
    {
        double count = 0;
        double limit = Math.Exp(-rate);
        for (double product = 1 - random.NextDouble(); product > limit; product *= 1 - random.NextDouble())
            count++;
        return count;
    }

    private static double Reject(Philox random, double rate)
    {
        double b = 0.931 + (2.53 * Math.Sqrt(rate));
        double a = -0.059 + (0.02483 * b);
        double inverseAlpha = 1.1239 + (1.1328 / (b - 3.4));
        double vr = 0.9277 - (3.6224 / (b - 2));
        while (true)
        {
            double u = random.NextDouble() - 0.5;
            double v = 1 - random.NextDouble();
            double us = 0.5 - Math.Abs(u);
            double k = Math.Floor((((2 * a / us) + b) * u) + rate + 0.43);
            if (us >= 0.07 && v <= vr)
                return k;
            if (k < 0 || (us < 0.013 && v > us))
                continue;
            if (Math.Log(v * inverseAlpha / ((a / (us * us)) + b)) <= -rate + (k * Math.Log(rate)) - SpecialFunctions.LogGamma(k + 1))
                return k;
        }
    }
}
