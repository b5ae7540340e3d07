namespace TransformFramework.Cpu.Kernels.LinearAlgebra;

/// <summary>Unit vectors at right angles to each other, grown by Gram–Schmidt.</summary>
internal sealed class OrthonormalBasis(int length)
{
    private const double Negligible = 1e-12;
    private readonly List<double[]> vectors = [];

    public double[] this[int index] => vectors[index];

    /// <summary>Adds a vector's direction, which is at right angles to those before; a vector of zeros gets any free direction.</summary>
    public void Add(ReadOnlySpan<double> vector)
    {
        if (!TryAdd(vector))
            Complete(vectors.Count + 1);
    }

    /// <summary>Adds free directions up to a number of vectors.</summary>
    public void Complete(int count)
    {
        double[] axis = new double[length];
        for (int i = 0; i < length && vectors.Count < count; i++)
        {
            Array.Clear(axis);
            axis[i] = 1;
            TryAdd(axis);
        }
    }

    private bool TryAdd(ReadOnlySpan<double> vector)
    {
        double[] rest = vector.ToArray();
        double before = Norm(rest);
        foreach (double[] known in vectors)
        {
            double along = 0;
            for (int i = 0; i < length; i++)
                along += known[i] * rest[i];
            for (int i = 0; i < length; i++)
                rest[i] -= along * known[i];
        }
        double norm = Norm(rest);
        if (!(norm > Negligible * before))
            return false;
        for (int i = 0; i < length; i++)
            rest[i] /= norm;
        vectors.Add(rest);
        return true;
    }

    private static double Norm(double[] vector) => Math.Sqrt(vector.Sum(value => value * value));
}
