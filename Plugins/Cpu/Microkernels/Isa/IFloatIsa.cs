namespace TransformFramework.Cpu.Microkernels.Isa;

/// <summary>What the float kernels ask of an instruction set. All sets give the same bits: products are fused, and maxima pass their second operand on when the first is not larger.</summary>
internal unsafe interface IFloatIsa<TVector>
    where TVector : struct
{
    /// <summary>Floats of a vector.</summary>
    static abstract int Lanes { get; }

    /// <summary>Most rows of a tile that the registers hold.</summary>
    static abstract int Mr { get; }

    /// <summary>Most vectors of a tile's row that the registers hold.</summary>
    static abstract int NrVectors { get; }

    static abstract TVector Load(float* source);

    static abstract TVector Broadcast(float value);

    static abstract void Store(TVector vector, float* target);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector Subtract(TVector left, TVector right);

    static abstract TVector Multiply(TVector left, TVector right);

    /// <summary>left · right + sum, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector sum);

    /// <summary>bound where value is smaller, else value, also when that is not a number.</summary>
    static abstract TVector AtLeast(TVector value, TVector bound);

    /// <summary>bound where value is larger, else value, also when that is not a number.</summary>
    static abstract TVector AtMost(TVector value, TVector bound);

    /// <summary>Zero of the same sign for a denormal, everything else unchanged.</summary>
    static abstract TVector FlushDenormals(TVector value);
}
