namespace TransformFramework.Cpu.Gemm;

/// <summary>
/// What the 8-bit kernels ask of an instruction set: dot products of unsigned input codes and signed weights, summed in 32 bits with wrap-around. Four inputs of a row and
/// the four weights of each column that go with them are taken in one, two or four steps; a step takes <see cref="StepBytes"/> inputs, whose order in the quad is the set's own.
/// </summary>
internal unsafe interface ICodeSet<TSums, TWeights, TInput>
    where TSums : struct
    where TWeights : struct
    where TInput : struct
{
    /// <summary>Columns of a vector of sums.</summary>
    static abstract int Width { get; }

    /// <summary>Most rows of a tile that the registers hold.</summary>
    static abstract int TileRows { get; }

    /// <summary>Most vectors of a tile's row that the registers hold.</summary>
    static abstract int TileVectors { get; }

    /// <summary>Weights of a column that a step takes: 1, 2 or 4.</summary>
    static abstract int StepBytes { get; }

    /// <summary>Which of the four weights of a column come first, second and so on.</summary>
    static abstract ReadOnlySpan<byte> QuadOrder { get; }

    /// <summary>Bytes from the input of a quad's first step to that of its second.</summary>
    static abstract int FirstAdvance { get; }

    /// <summary>Bytes that two steps advance together.</summary>
    static abstract int TwoAdvances { get; }

    static abstract TSums LoadSums(int* source);

    static abstract void StoreSums(TSums sums, int* target);

    /// <summary>The weights of one step for a vector of columns.</summary>
    static abstract TWeights LoadWeights(sbyte* source);

    /// <summary>The inputs of one step, for every column. May read 4 bytes past the first.</summary>
    static abstract TInput LoadInput(byte* source);

    static abstract TSums MultiplyAdd(TInput input, TWeights weights, TSums sums);
}

/// <summary>Conversions between sums, floats and codes of one instruction set, as many at a time as its floats.</summary>
internal unsafe interface ICodeConversions<TSums, TFloats>
    where TSums : struct
    where TFloats : struct
{
    static abstract TSums LoadSums(int* source);

    static abstract TSums Add(TSums left, TSums right);

    static abstract TSums Min(TSums left, TSums right);

    static abstract TSums Max(TSums left, TSums right);

    /// <summary>The nearest floats, ties to even.</summary>
    static abstract TFloats ToFloats(TSums sums);

    /// <summary>The nearest integers, ties to even, of numbers within 31 bits.</summary>
    static abstract TSums Round(TFloats values);

    /// <summary>The nearest whole numbers, ties away from zero, as <see cref="MathF.Round(float, MidpointRounding)"/> finds them.</summary>
    static abstract TFloats RoundAway(TFloats values);

    static abstract TSums LoadUnsigned(byte* source);

    static abstract TSums LoadSigned(sbyte* source);

    static abstract TSums Broadcast(int value);

    static abstract TSums Multiply(TSums left, TSums right);

    static abstract void StoreSums(TSums sums, int* target);

    /// <summary>Stores the low byte of each sum.</summary>
    static abstract void StoreBytes(TSums sums, byte* target);

    /// <summary>Stores four vectors of sums as bytes, with sign or without; all are within such a byte.</summary>
    static abstract void StoreBytes(TSums first, TSums second, TSums third, TSums fourth, byte* target, bool isSigned);

    /// <summary>Adds the bytes of as many quads as there are sums, each to some sum.</summary>
    static abstract TSums AddBytes(TSums sums, byte* source);

    /// <summary>The sum of all.</summary>
    static abstract int Total(TSums sums);

    /// <summary>
    /// The codes, each rounded to a float first, times a factor of 64 bits of which the lower 32 are behind the point, plus an offset, shifted right by 16 and held within a byte. All of it
    /// stays within 32 bits.
    /// </summary>
    /// <param name="codes">Codes within 31 bits.</param>
    /// <param name="high">The upper half of the factor.</param>
    /// <param name="low">The lower half with its sign, which the upper half makes up for.</param>
    /// <param name="offset">The offset.</param>
    static abstract TSums Scale(TSums codes, TSums high, TSums low, TSums offset);
}
