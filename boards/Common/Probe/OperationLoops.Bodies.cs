namespace TinyAI.Boards
{
    /// <content>The loops themselves.</content>
    public partial class OperationLoops
    {
        /// <summary>The loop alone.</summary>
        private void Empty(int turns)
        {
            for (int i = 0; i < turns; i++)
            {
            }
        }

        /// <summary>16 times ldloc, stloc.</summary>
        private void Move(int turns)
        {
            int a = 1, b = 2;
            for (int i = 0; i < turns; i++)
            {
                a = b; a = b; a = b; a = b;
                a = b; a = b; a = b; a = b;
                a = b; a = b; a = b; a = b;
                a = b; a = b; a = b; a = b;
            }
            _field = a;
        }

        /// <summary>16 times ldc, stloc.</summary>
        private void Constant(int turns)
        {
            int a = 1;
            for (int i = 0; i < turns; i++)
            {
                a = 100000; a = 100000; a = 100000; a = 100000;
                a = 100000; a = 100000; a = 100000; a = 100000;
                a = 100000; a = 100000; a = 100000; a = 100000;
                a = 100000; a = 100000; a = 100000; a = 100000;
            }
            _field = a;
        }

        /// <summary>ldloc, 16 times ldloc and add, stloc.</summary>
        private void AddInt(int turns)
        {
            int a = 0, b = turns;
            for (int i = 0; i < turns; i++)
                a = b + b + b + b + b + b + b + b + b + b + b + b + b + b + b + b + b;
            _field = a;
        }

        /// <summary>The same on 64 bits.</summary>
        private void AddLong(int turns)
        {
            long a = 0, b = turns;
            for (int i = 0; i < turns; i++)
                a = b + b + b + b + b + b + b + b + b + b + b + b + b + b + b + b + b;
            _field = (int)a;
        }

        /// <summary>ldloc, 16 times ldc.i8 and add, stloc.</summary>
        private void ConstantLong(int turns)
        {
            const long C = 0x123456789ABL;
            long a = 0, b = turns;
            for (int i = 0; i < turns; i++)
                a = b + C + C + C + C + C + C + C + C + C + C + C + C + C + C + C + C;
            _field = (int)a;
        }

        /// <summary>ldloc, 16 times ldloc and mul, stloc.</summary>
        private void MulInt(int turns)
        {
            int a = 0, b = turns;
            for (int i = 0; i < turns; i++)
                a = b * b * b * b * b * b * b * b * b * b * b * b * b * b * b * b * b;
            _field = a;
        }

        /// <summary>The same on 64 bits.</summary>
        private void MulLong(int turns)
        {
            long a = 0, b = turns;
            for (int i = 0; i < turns; i++)
                a = b * b * b * b * b * b * b * b * b * b * b * b * b * b * b * b * b;
            _field = (int)a;
        }

        /// <summary>ldloc, 16 times ldloc and div, stloc.</summary>
        private void DivInt(int turns)
        {
            int a = 0, b = 1;
            for (int i = 0; i < turns; i++)
                a = b / b / b / b / b / b / b / b / b / b / b / b / b / b / b / b / b;
            _field = a;
        }

        /// <summary>ldloc, 16 times ldloc and and, stloc.</summary>
        private void And(int turns)
        {
            int a = 0, b = turns;
            for (int i = 0; i < turns; i++)
                a = b & b & b & b & b & b & b & b & b & b & b & b & b & b & b & b & b;
            _field = a;
        }

        /// <summary>ldloc, 16 times ldc and shr, stloc.</summary>
        private void Shift(int turns)
        {
            int a = 0, b = turns;
            for (int i = 0; i < turns; i++)
                a = b >> 1 >> 1 >> 1 >> 1 >> 1 >> 1 >> 1 >> 1 >> 1 >> 1 >> 1 >> 1 >> 1 >> 1 >> 1 >> 1;
            _field = a;
        }

        /// <summary>16 times ldloc, conv.i1, stloc.</summary>
        private void ToByte(int turns)
        {
            int a = 0, b = turns;
            for (int i = 0; i < turns; i++)
            {
                a = (sbyte)b; a = (sbyte)b; a = (sbyte)b; a = (sbyte)b;
                a = (sbyte)b; a = (sbyte)b; a = (sbyte)b; a = (sbyte)b;
                a = (sbyte)b; a = (sbyte)b; a = (sbyte)b; a = (sbyte)b;
                a = (sbyte)b; a = (sbyte)b; a = (sbyte)b; a = (sbyte)b;
            }
            _field = a;
        }

        /// <summary>16 times ldloc, conv.i8, stloc.</summary>
        private void ToLong(int turns)
        {
            long a = 0;
            int b = turns;
            for (int i = 0; i < turns; i++)
            {
                a = b; a = b; a = b; a = b;
                a = b; a = b; a = b; a = b;
                a = b; a = b; a = b; a = b;
                a = b; a = b; a = b; a = b;
            }
            _field = (int)a;
        }

        /// <summary>16 times ldloc, conv.i4, stloc.</summary>
        private void ToInt(int turns)
        {
            int a = 0;
            long b = turns;
            for (int i = 0; i < turns; i++)
            {
                a = (int)b; a = (int)b; a = (int)b; a = (int)b;
                a = (int)b; a = (int)b; a = (int)b; a = (int)b;
                a = (int)b; a = (int)b; a = (int)b; a = (int)b;
                a = (int)b; a = (int)b; a = (int)b; a = (int)b;
            }
            _field = a;
        }

        /// <summary>16 times ldloc, ldloc and a branch that is taken.</summary>
        private void Compare(int turns)
        {
            int a = 0, b = 1, c = 2;
            for (int i = 0; i < turns; i++)
            {
                if (b > c) a = b; if (b > c) a = b; if (b > c) a = b; if (b > c) a = b;
                if (b > c) a = b; if (b > c) a = b; if (b > c) a = b; if (b > c) a = b;
                if (b > c) a = b; if (b > c) a = b; if (b > c) a = b; if (b > c) a = b;
                if (b > c) a = b; if (b > c) a = b; if (b > c) a = b; if (b > c) a = b;
            }
            _field = a;
        }

        /// <summary>16 times ldloc, ldloc, ldelem, stloc on sbyte[].</summary>
        private void LoadByte(int turns)
        {
            sbyte[] s = new sbyte[4];
            int a = 0;
            int k = 1;
            for (int i = 0; i < turns; i++)
            {
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
            }
            _field = a;
        }

        /// <summary>16 times ldloc, ldloc, ldelem, stloc on short[].</summary>
        private void LoadShort(int turns)
        {
            short[] s = new short[4];
            int a = 0;
            int k = 1;
            for (int i = 0; i < turns; i++)
            {
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
            }
            _field = a;
        }

        /// <summary>16 times ldloc, ldloc, ldelem, stloc on int[].</summary>
        private void LoadInt(int turns)
        {
            int[] s = new int[4];
            int a = 0;
            int k = 1;
            for (int i = 0; i < turns; i++)
            {
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
            }
            _field = a;
        }

        /// <summary>16 times ldloc, ldloc, ldelem, stloc on long[].</summary>
        private void LoadLong(int turns)
        {
            long[] s = new long[4];
            long a = 0;
            int k = 1;
            for (int i = 0; i < turns; i++)
            {
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
                a = s[k]; a = s[k]; a = s[k]; a = s[k];
            }
            _field = (int)a;
        }

        /// <summary>16 times three ldloc, stelem on sbyte[].</summary>
        private void StoreByte(int turns)
        {
            sbyte[] s = new sbyte[4];
            sbyte v = 3;
            int k = 1;
            for (int i = 0; i < turns; i++)
            {
                s[k] = v; s[k] = v; s[k] = v; s[k] = v;
                s[k] = v; s[k] = v; s[k] = v; s[k] = v;
                s[k] = v; s[k] = v; s[k] = v; s[k] = v;
                s[k] = v; s[k] = v; s[k] = v; s[k] = v;
            }
        }

        /// <summary>16 times three ldloc, stelem on int[].</summary>
        private void StoreInt(int turns)
        {
            int[] s = new int[4];
            int v = 3;
            int k = 1;
            for (int i = 0; i < turns; i++)
            {
                s[k] = v; s[k] = v; s[k] = v; s[k] = v;
                s[k] = v; s[k] = v; s[k] = v; s[k] = v;
                s[k] = v; s[k] = v; s[k] = v; s[k] = v;
                s[k] = v; s[k] = v; s[k] = v; s[k] = v;
            }
        }

        /// <summary>16 times ldloc, ldlen, conv.i4, stloc.</summary>
        private void Length(int turns)
        {
            int[] s = new int[4];
            int a = 0;
            for (int i = 0; i < turns; i++)
            {
                a = s.Length; a = s.Length; a = s.Length; a = s.Length;
                a = s.Length; a = s.Length; a = s.Length; a = s.Length;
                a = s.Length; a = s.Length; a = s.Length; a = s.Length;
                a = s.Length; a = s.Length; a = s.Length; a = s.Length;
            }
            _field = a;
        }

        /// <summary>16 times ldsfld, stloc.</summary>
        private void LoadStatic(int turns)
        {
            int a = 0;
            for (int i = 0; i < turns; i++)
            {
                a = s_static; a = s_static; a = s_static; a = s_static;
                a = s_static; a = s_static; a = s_static; a = s_static;
                a = s_static; a = s_static; a = s_static; a = s_static;
                a = s_static; a = s_static; a = s_static; a = s_static;
            }
            _field = a;
        }

        /// <summary>16 times ldarg, ldfld, stloc.</summary>
        private void LoadField(int turns)
        {
            int a = 0;
            for (int i = 0; i < turns; i++)
            {
                a = _field; a = _field; a = _field; a = _field;
                a = _field; a = _field; a = _field; a = _field;
                a = _field; a = _field; a = _field; a = _field;
                a = _field; a = _field; a = _field; a = _field;
            }
            _field = a;
        }

        /// <summary>16 times ldarg, ldloc, stfld.</summary>
        private void StoreField(int turns)
        {
            int a = 1;
            for (int i = 0; i < turns; i++)
            {
                _field = a; _field = a; _field = a; _field = a;
                _field = a; _field = a; _field = a; _field = a;
                _field = a; _field = a; _field = a; _field = a;
                _field = a; _field = a; _field = a; _field = a;
            }
        }
    }
}
