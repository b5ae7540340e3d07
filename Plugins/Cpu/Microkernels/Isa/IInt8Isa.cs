namespace TransformFramework.Cpu.Microkernels.Isa;

/// <summary>
/// What the 8-bit kernels ask of an instruction set: dot products of unsigned inputs and signed weights, summed in 32 bits with wrap-around. Four inputs of a row and
/// the four weights of each column that go with them are taken in one, two or four steps; a step takes <see cref="Kr"/> inputs, whose order in the dot-product group is the set's own.
/// </summary>
internal unsafe interface IInt8Isa<TAccumulators, TWeights, TInput>
    where TAccumulators : struct
    where TWeights : struct
    where TInput : struct
{
    /// <summary>Columns of a vector of accumulators.</summary>
    static abstract int Lanes { get; }

    /// <summary>Most rows of a tile that the registers hold.</summary>
    static abstract int Mr { get; }

    /// <summary>Most vectors of a tile's row that the registers hold.</summary>
    static abstract int NrVectors { get; }

    /// <summary>Weights of a column that a step takes: 1, 2 or 4.</summary>
    static abstract int Kr { get; }

    /// <summary>Bytes of an input and of a packed weight: 2 for kernels whose inputs and weights are widened to 16 bits, else 1.</summary>
    static abstract int WeightBytes { get; }

    /// <summary>Bytes past the last input of a row that <see cref="LoadInput"/> may read: what fills its last group, and the width of a load.</summary>
    static abstract int OverreadBytes { get; }

    static abstract TAccumulators LoadAccumulators(int* source);

    static abstract void StoreAccumulators(TAccumulators accumulators, int* target);

    /// <summary>The weights of one step for a vector of columns.</summary>
    static abstract TWeights LoadWeights(sbyte* source);

    /// <summary>The inputs of one step, for every column. Reads 4 bytes at most.</summary>
    static abstract TInput LoadInput(byte* source);

    static abstract TAccumulators MultiplyAdd(TInput input, TWeights weights, TAccumulators accumulators);

    /// <summary>The same for two vectors of columns, both products before both sums where the processor likes that better.</summary>
    static abstract void MultiplyAdd(TInput input, TWeights weights0, TWeights weights1, ref TAccumulators accumulators0, ref TAccumulators accumulators1);
}

/// <summary>Conversions between accumulators, floats and quantized values of one instruction set, as many at a time as its floats.</summary>
internal unsafe interface IInt8Conversions<TAccumulators, TFloats>
    where TAccumulators : struct
    where TFloats : struct
{
    /// <summary>How many vectors, or more, <c>StoreBytes</c> holds within a byte; fewer must be within one.</summary>
    static virtual int SaturatesFrom => int.MaxValue;

    static abstract TAccumulators LoadAccumulators(int* source);

    static abstract TAccumulators Add(TAccumulators left, TAccumulators right);

    static abstract TAccumulators Min(TAccumulators left, TAccumulators right);

    static abstract TAccumulators Max(TAccumulators left, TAccumulators right);

    /// <summary>The nearest floats, ties to even.</summary>
    static abstract TFloats ToFloats(TAccumulators accumulators);

    /// <summary>The nearest integers, ties to even, of numbers within 31 bits.</summary>
    static abstract TAccumulators Round(TFloats values);

    /// <summary>The nearest whole numbers, ties away from zero, as <see cref="MathF.Round(float, MidpointRounding)"/> finds them.</summary>
    static abstract TFloats RoundAway(TFloats values);

    /// <summary>The greatest whole numbers that are not larger.</summary>
    static abstract TFloats Floor(TFloats values);

    static abstract TAccumulators LoadUnsigned(byte* source);

    static abstract TAccumulators LoadSigned(sbyte* source);

    static abstract TAccumulators Broadcast(int value);

    static abstract TAccumulators Multiply(TAccumulators left, TAccumulators right);

    static abstract void StoreAccumulators(TAccumulators accumulators, int* target);

    /// <summary>Stores the low byte of each sum.</summary>
    static abstract void StoreBytes(TAccumulators accumulators, byte* target);

    /// <summary>Stores two vectors of accumulators as bytes, with sign or without; all are within such a byte unless <see cref="SaturatesFrom"/> is at most 2.</summary>
    static abstract void StoreBytes(TAccumulators first, TAccumulators second, byte* target, bool isSigned);

    /// <summary>Stores four vectors of accumulators as bytes, with sign or without; all are within such a byte unless <see cref="SaturatesFrom"/> is at most 4.</summary>
    static abstract void StoreBytes(TAccumulators first, TAccumulators second, TAccumulators third, TAccumulators fourth, byte* target, bool isSigned);

    /// <summary>Adds the bytes of as many dot-product groups as there are accumulators, each to some sum.</summary>
    static abstract TAccumulators AddBytes(TAccumulators accumulators, byte* source);

    /// <summary>The sum of all.</summary>
    static abstract int Total(TAccumulators accumulators);

    /// <summary>
    /// The quantized values, each rounded to a float first, times a factor of 64 bits of which the lower 32 are behind the point, plus an offset, shifted right by 16 and held within a byte. All of it
    /// stays within 32 bits.
    /// </summary>
    /// <param name="quantized">Quantized values within 31 bits.</param>
    /// <param name="high">The upper half of the factor.</param>
    /// <param name="low">The lower half with its sign, which the upper half makes up for.</param>
    /// <param name="offset">The offset.</param>
    static abstract TAccumulators Scale(TAccumulators quantized, TAccumulators high, TAccumulators low, TAccumulators offset);
}
